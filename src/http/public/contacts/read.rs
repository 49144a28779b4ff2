//! `GET /public/v1/contacts/{id}`, `…/by-email/{email}` and `…/by-phone/{phone}`

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::contact::ContactResponse;
use super::preconditions::Preconditions;
use crate::domain::{ContactId, Email, Phone, Scope};
use crate::http::public::caller::{Authorized, ContactsRead};
use crate::http::shared::{ApiError, AppState, PathValue};

/// Gets an active contact.
#[utoipa::path(
    get, path = "/public/v1/contacts/{id}",
    security(("apiKey" = [Scope::ContactsRead])),
    params(PathValue::<ContactId>, Preconditions),
    responses(
        (status = 200, description = "The contact.", body = ContactResponse, headers(("ETag")),
            example = json!(ContactResponse::sample())),
        (status = 304, description = "Not modified: the caller has this version.", headers(("ETag"))),
    ),
)]
pub(in crate::http::public) async fn get_contact(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathValue(id): PathValue<ContactId>,
    preconditions: Preconditions,
) -> Result<HttpResponse, ApiError> {
    let contact = state.store.find_contact(principal.company, id).await?;
    preconditions.respond(contact.ok_or(ApiError::NoSuchContact)?)
}

/// Gets the active contact with this e-mail address.
#[utoipa::path(
    get, path = "/public/v1/contacts/by-email/{email}",
    security(("apiKey" = [Scope::ContactsRead])),
    params(PathValue::<Email>, Preconditions),
    responses(
        (status = 200, description = "The contact.", body = ContactResponse, headers(("ETag")),
            example = json!(ContactResponse::sample())),
        (status = 304, description = "Not modified: the caller has this version.", headers(("ETag"))),
    ),
)]
pub(in crate::http::public) async fn get_contact_by_email(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathValue(email): PathValue<Email>,
    preconditions: Preconditions,
) -> Result<HttpResponse, ApiError> {
    let contact = state
        .store
        .find_contact_by_email(principal.company, &email)
        .await?;
    preconditions.respond(contact.ok_or(ApiError::NoSuchContact)?)
}

/// Gets the active contact with this phone.
#[utoipa::path(
    get, path = "/public/v1/contacts/by-phone/{phone}",
    security(("apiKey" = [Scope::ContactsRead])),
    params(PathValue::<Phone>, Preconditions),
    responses(
        (status = 200, description = "The contact.", body = ContactResponse, headers(("ETag")),
            example = json!(ContactResponse::sample())),
        (status = 304, description = "Not modified: the caller has this version.", headers(("ETag"))),
    ),
)]
pub(in crate::http::public) async fn get_contact_by_phone(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathValue(phone): PathValue<Phone>,
    preconditions: Preconditions,
) -> Result<HttpResponse, ApiError> {
    let contact = state
        .store
        .find_contact_by_phone(principal.company, &phone)
        .await?;
    preconditions.respond(contact.ok_or(ApiError::NoSuchContact)?)
}
