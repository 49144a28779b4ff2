//! `DELETE /public/v1/contacts/{id}`

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::checked_version::change_checked_version;
use super::preconditions::Preconditions;
use crate::domain::{Contact, ContactId, Scope};
use crate::http::public::caller::{Authorized, ContactsWrite};
use crate::http::shared::{ApiError, AppState, PathValue};
use crate::store::ExpectedVersions;

/// Deletes a contact.
///
/// Soft-deletes the contact. Its e-mail address and phone become available; a later upsert or update
/// restores it. Safe to repeat: a repeated request gets a 404 and changes nothing.
#[utoipa::path(
    delete, path = "/public/v1/contacts/{id}",
    security(("apiKey" = [Scope::ContactsWrite])),
    params(PathValue::<ContactId>, Preconditions),
    responses((status = 204, description = "Contact deleted.")),
)]
pub(in crate::http::public) async fn delete_contact(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsWrite>,
    PathValue(id): PathValue<ContactId>,
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
        change_checked_version(&state, company, id, check, write).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}
