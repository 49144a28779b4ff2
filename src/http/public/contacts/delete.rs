//! `DELETE /public/v1/contacts/{id}`

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::checked_version::of_checked_version;
use super::preconditions::Preconditions;
use crate::domain::{Contact, ContactId, Scope};
use crate::http::public::caller::{Authorized, ContactsWrite};
use crate::http::shared::{ApiError, AppState, PathId};
use crate::store::ExpectedVersions;

/// Deletes a contact.
///
/// Softly: its identifiers are free, and an upsert or a change restores it. Safe to repeat: a
/// repeated deletion answers 404, and changes nothing.
#[utoipa::path(
    delete,
    path = "/public/v1/contacts/{id}",
    operation_id = "deleteContact",
    security(("apiKey" = [Scope::ContactsWrite])),
    params(PathId::<ContactId>, Preconditions),
    responses((status = 204, description = "It is deleted.")),
)]
pub(in crate::http::public) async fn delete(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsWrite>,
    PathId(id): PathId<ContactId>,
    preconditions: Preconditions,
) -> Result<HttpResponse, ApiError> {
    let company = principal.company;
    let write = async |expected: ExpectedVersions<'_>| {
        state.store.delete_contact(company, id, expected).await
    };
    if preconditions.is_list_of_versions() {
        write(preconditions.expected()).await?;
    } else {
        let check = |found: &Contact| match found.deleted_at {
            Some(_) => Err(ApiError::NoSuchContact),
            None => preconditions.check_change(found),
        };
        of_checked_version(&state, company, id, check, write).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}
