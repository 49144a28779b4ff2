//! `POST /public/v1/contacts/{id}/erase`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::{Actor, ContactId, Scope};
use crate::http::public::caller::{Authorized, ContactsErase};
use crate::http::shared::{ApiError, AppState, PathId};

/// Erases a contact for good.
///
/// The personal data of the contact, live or deleted, is removed, and that of the deleted contacts
/// with an identifier that it has or had; its consent events keep channel and time. If the person
/// opted out, hashes of these identifiers remain, so that no later import opts them in again: see
/// `DELETE /public/v1/suppressions`. Safe to repeat: a repeated erasure answers 404.
#[utoipa::path(
    post,
    path = "/public/v1/contacts/{id}/erase",
    operation_id = "eraseContact",
    security(("apiKey" = [Scope::ContactsErase])),
    params(PathId::<ContactId>),
    responses((status = 204, description = "It is gone.")),
)]
pub(in crate::http::public) async fn erase(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsErase>,
    PathId(id): PathId<ContactId>,
) -> Result<HttpResponse, ApiError> {
    let actor = Actor::key(&principal.client, state.origin_of(&request));
    state
        .store
        .erase_contact(principal.company, &actor, id)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
