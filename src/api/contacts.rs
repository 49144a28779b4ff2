//! Handlers of contacts.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};

use super::AppState;
use super::body::{JsonBody, OneContact};
use super::caller::{Authorized, ContactsRead, ContactsWrite};
use super::contact_body;
use super::entity_tag::{IfMatch, with_entity_tag};
use super::error::ApiError;
use super::page::{Page, PageRequest};
use super::path::PathValue;
use crate::domain::{ConsentEvent, ContactId, Email, Phone, Upserted};

/// `POST /public/v1/contacts`: creates the contact, or updates the one that is meant.
pub(super) async fn upsert(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsWrite>,
    body: JsonBody<OneContact>,
) -> Result<Json<[Upserted; 1]>, ApiError> {
    let patch = contact_body::parse_patch(
        body.text(),
        principal.settings,
        &principal.custom_field_rules,
    )?;
    let upserted = state
        .store
        .upsert_contact(
            principal.company,
            principal.settings,
            &principal.client,
            &patch,
        )
        .await?;
    Ok(Json([upserted]))
}

/// `GET /public/v1/contacts/{id}`
pub(super) async fn find(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathValue(id): PathValue<ContactId>,
) -> Result<HttpResponse, ApiError> {
    let contact = state.store.find_contact(principal.company, id).await?;
    Ok(with_entity_tag(&contact.ok_or(ApiError::NoSuchContact)?))
}

/// `GET /public/v1/contacts/by-email/{email}`
pub(super) async fn find_by_email(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathValue(email): PathValue<Email>,
) -> Result<HttpResponse, ApiError> {
    let contact = state
        .store
        .find_contact_by_email(principal.company, &email)
        .await?;
    Ok(with_entity_tag(&contact.ok_or(ApiError::NoSuchContact)?))
}

/// `GET /public/v1/contacts/by-phone/{phone}`
pub(super) async fn find_by_phone(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathValue(phone): PathValue<Phone>,
) -> Result<HttpResponse, ApiError> {
    let contact = state
        .store
        .find_contact_by_phone(principal.company, &phone)
        .await?;
    Ok(with_entity_tag(&contact.ok_or(ApiError::NoSuchContact)?))
}

/// `PUT` and `PATCH /public/v1/contacts/{id}`: only what is sent changes.
pub(super) async fn update(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsWrite>,
    PathValue(id): PathValue<ContactId>,
    if_match: IfMatch,
    body: JsonBody<OneContact>,
) -> Result<HttpResponse, ApiError> {
    let change = contact_body::parse_change(body.text(), &principal.custom_field_rules)?;
    let contact = state
        .store
        .update_contact(
            principal.company,
            principal.settings,
            &principal.client,
            id,
            if_match.versions(),
            &change,
        )
        .await?;
    Ok(with_entity_tag(&contact))
}

/// `DELETE /public/v1/contacts/{id}`: soft; an upsert or an update restores it.
pub(super) async fn delete(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsWrite>,
    PathValue(id): PathValue<ContactId>,
    if_match: IfMatch,
) -> Result<HttpResponse, ApiError> {
    state
        .store
        .delete_contact(principal.company, id, if_match.versions())
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /public/v1/contacts/{id}/consent-events`: newest first.
pub(super) async fn consent_events(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathValue(id): PathValue<ContactId>,
) -> Result<Json<Page<ConsentEvent>>, ApiError> {
    let page = PageRequest::parse(request.query_string(), |_, _| Ok(false))?;
    let contact = state.store.find_contact(principal.company, id).await?;
    contact.ok_or(ApiError::NoSuchContact)?;
    let before = page.cursor.unwrap_or(i64::MAX);
    let events = state
        .store
        .list_consent_events(principal.company, id, before, page.fetch())
        .await?;
    Ok(Json(Page::new(events, &page, |event| event.id)))
}
