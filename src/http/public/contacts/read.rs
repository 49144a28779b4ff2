//! Handlers that read contacts.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};

use super::entity_tag::Preconditions;
use crate::domain::{ConsentEvent, Contact, ContactId, Email, Phone, Scope};
use crate::http::public::answers::ConsentEventPage;
use crate::http::public::caller::{Authorized, ContactsRead};
use crate::http::public::examples;
use crate::http::public::parameters::{ByEmail, ById, ByPhone, IfMatchHeader, IfNoneMatchHeader};
use crate::http::public::tags::CONTACTS;
use crate::http::shared::error::ApiError;
use crate::http::shared::page::{Page, PageRequest};
use crate::http::shared::path::{PathId, PathValue};
use crate::http::shared::state::AppState;

/// Reads a live contact.
#[utoipa::path(
    get,
    path = "/public/v1/contacts/{id}",
    operation_id = "getContact",
    tag = CONTACTS,
    security(("apiKey" = [Scope::ContactsRead])),
    params(ById, IfMatchHeader, IfNoneMatchHeader),
    responses(
        (status = 200, description = "The contact.", body = Contact, headers(("ETag")),
            example = json!(examples::contact())),
        (status = 304, description = "The caller has this version already.", headers(("ETag"))),
    ),
)]
pub(in crate::http) async fn find(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathId(id): PathId<ContactId>,
    preconditions: Preconditions,
) -> Result<HttpResponse, ApiError> {
    let contact = state.store.find_contact(principal.company, id).await?;
    preconditions.answer(&contact.ok_or(ApiError::NoSuchContact)?)
}

/// Reads the live contact with this e-mail address.
#[utoipa::path(
    get,
    path = "/public/v1/contacts/by-email/{email}",
    operation_id = "getContactByEmail",
    tag = CONTACTS,
    security(("apiKey" = [Scope::ContactsRead])),
    params(ByEmail, IfMatchHeader, IfNoneMatchHeader),
    responses(
        (status = 200, description = "The contact.", body = Contact, headers(("ETag")),
            example = json!(examples::contact())),
        (status = 304, description = "The caller has this version already.", headers(("ETag"))),
    ),
)]
pub(in crate::http) async fn find_by_email(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathValue(email): PathValue<Email>,
    preconditions: Preconditions,
) -> Result<HttpResponse, ApiError> {
    let contact = state
        .store
        .find_contact_by_email(principal.company, &email)
        .await?;
    preconditions.answer(&contact.ok_or(ApiError::NoSuchContact)?)
}

/// Reads the live contact with this phone.
#[utoipa::path(
    get,
    path = "/public/v1/contacts/by-phone/{phone}",
    operation_id = "getContactByPhone",
    tag = CONTACTS,
    security(("apiKey" = [Scope::ContactsRead])),
    params(ByPhone, IfMatchHeader, IfNoneMatchHeader),
    responses(
        (status = 200, description = "The contact.", body = Contact, headers(("ETag")),
            example = json!(examples::contact())),
        (status = 304, description = "The caller has this version already.", headers(("ETag"))),
    ),
)]
pub(in crate::http) async fn find_by_phone(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathValue(phone): PathValue<Phone>,
    preconditions: Preconditions,
) -> Result<HttpResponse, ApiError> {
    let contact = state
        .store
        .find_contact_by_phone(principal.company, &phone)
        .await?;
    preconditions.answer(&contact.ok_or(ApiError::NoSuchContact)?)
}

/// Lists the consent events of a contact.
///
/// Who consented to what, when, and for which address; newest first. A change of the address has an
/// event, too: the newest event of a channel names its status and the address that it holds for. A
/// deleted contact keeps its history until it is erased.
#[utoipa::path(
    get,
    path = "/public/v1/contacts/{id}/consent-events",
    operation_id = "listConsentEvents",
    tag = CONTACTS,
    security(("apiKey" = [Scope::ContactsRead])),
    params(ById, PageRequest),
    responses(
        (status = 200, description = "A page of events.", body = ConsentEventPage,
            example = json!(examples::consent_events())),
    ),
)]
pub(in crate::http) async fn consent_events(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathId(id): PathId<ContactId>,
) -> Result<Json<Page<ConsentEvent>>, ApiError> {
    let page = PageRequest::parse(request.query_string(), |_, _| Ok(false))?;
    let before = page.cursor.unwrap_or(i64::MAX);
    let events = state
        .store
        .list_consent_events(principal.company, id, before, page.fetch())
        .await?
        .ok_or(ApiError::NoSuchContact)?;
    let max_bytes = state.max_page_bytes();
    Ok(Json(Page::new(events, &page, max_bytes, |event| event.id)?))
}
