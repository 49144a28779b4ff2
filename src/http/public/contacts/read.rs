//! `GET /public/v1/contacts/{id}`, `…/by-email/{email}` and `…/by-phone/{phone}`

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::contact::ContactResponse;
use super::preconditions::Preconditions;
use crate::domain::{ContactId, Email, Phone, Scope};
use crate::http::public::caller::{Authorized, ContactsRead};
use crate::http::shared::{ApiError, AppState, PathId, PathValue};

/// Reads a live contact.
#[utoipa::path(
    get,
    path = "/public/v1/contacts/{id}",
    operation_id = "getContact",
    security(("apiKey" = [Scope::ContactsRead])),
    params(PathId::<ContactId>, Preconditions),
    responses(
        (status = 200, description = "The contact.", body = ContactResponse, headers(("ETag")),
            example = json!(ContactResponse::sample())),
        (status = 304, description = "The caller has this version already.", headers(("ETag"))),
    ),
)]
pub(in crate::http::public) async fn find(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathId(id): PathId<ContactId>,
    preconditions: Preconditions,
) -> Result<HttpResponse, ApiError> {
    let contact = state.store.find_contact(principal.company, id).await?;
    preconditions.answer(contact.ok_or(ApiError::NoSuchContact)?)
}

/// Reads the live contact with this e-mail address.
#[utoipa::path(
    get,
    path = "/public/v1/contacts/by-email/{email}",
    operation_id = "getContactByEmail",
    security(("apiKey" = [Scope::ContactsRead])),
    params(PathValue::<Email>, Preconditions),
    responses(
        (status = 200, description = "The contact.", body = ContactResponse, headers(("ETag")),
            example = json!(ContactResponse::sample())),
        (status = 304, description = "The caller has this version already.", headers(("ETag"))),
    ),
)]
pub(in crate::http::public) async fn find_by_email(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathValue(email): PathValue<Email>,
    preconditions: Preconditions,
) -> Result<HttpResponse, ApiError> {
    let contact = state
        .store
        .find_contact_by_email(principal.company, &email)
        .await?;
    preconditions.answer(contact.ok_or(ApiError::NoSuchContact)?)
}

/// Reads the live contact with this phone.
#[utoipa::path(
    get,
    path = "/public/v1/contacts/by-phone/{phone}",
    operation_id = "getContactByPhone",
    security(("apiKey" = [Scope::ContactsRead])),
    params(PathValue::<Phone>, Preconditions),
    responses(
        (status = 200, description = "The contact.", body = ContactResponse, headers(("ETag")),
            example = json!(ContactResponse::sample())),
        (status = 304, description = "The caller has this version already.", headers(("ETag"))),
    ),
)]
pub(in crate::http::public) async fn find_by_phone(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathValue(phone): PathValue<Phone>,
    preconditions: Preconditions,
) -> Result<HttpResponse, ApiError> {
    let contact = state
        .store
        .find_contact_by_phone(principal.company, &phone)
        .await?;
    preconditions.answer(contact.ok_or(ApiError::NoSuchContact)?)
}
