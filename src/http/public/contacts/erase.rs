//! `POST /public/v1/contacts/{id}/erase`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::{Actor, ContactId, Scope};
use crate::http::public::caller::{Authorized, ContactsErase};
use crate::http::shared::{ApiError, AppState, PathValue};

/// Erases a contact permanently.
///
/// Removes the personal data of the contact, active or deleted, and of deleted contacts with an identifier
/// that it has or had. Its consent events keep only channel and time. If the person opted out, hashes of
/// these identifiers remain, so that a later import does not opt them in again: see
/// `DELETE /public/v1/suppressions`. Safe to repeat: a repeated request gets a 404.
#[utoipa::path(
    post, path = "/public/v1/contacts/{id}/erase",
    security(("apiKey" = [Scope::ContactsErase])),
    params(PathValue::<ContactId>),
    responses((status = 204, description = "Contact erased.")),
)]
pub(in crate::http::public) async fn erase_contact(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsErase>,
    PathValue(id): PathValue<ContactId>,
) -> Result<HttpResponse, ApiError> {
    let actor = Actor::key(&principal.client, state.origin_of(&request));
    state
        .store
        .erase_contact(principal.company, &actor, id)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
