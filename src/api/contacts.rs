//! Handlers that write contacts.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};

use super::AppState;
use super::body::{JsonBody, OneContact};
use super::caller::{Authorized, ContactsWrite};
use super::contact_body;
use super::entity_tag::{IfMatch, with_entity_tag};
use super::error::ApiError;
use super::openapi::bodies::{ContactUpdate, ContactUpsert};
use super::openapi::parameters::{ById, IfMatchHeader};
use super::openapi::{CONTACTS, examples};
use super::path::PathValue;
use crate::domain::{Contact, ContactId, Scope, Upserted};

/// Upserts a contact.
///
/// Changes the live contact with this e-mail address, else the live one with this phone, else
/// restores the most recently deleted one, else creates one. A contact that is matched by phone takes
/// the sent e-mail address, with the warning `email_replaced`, unless its company chose to `reject`
/// that or to `create` a contact without the phone. Safe to repeat: a repeated upsert finds its values
/// there already, and writes nothing.
#[utoipa::path(
    post,
    path = "/public/v1/contacts",
    operation_id = "upsertContact",
    tag = CONTACTS,
    security(("apiKey" = [Scope::ContactsWrite])),
    request_body(content = ContactUpsert, example = json!(examples::upsert())),
    responses(
        (status = 200, description = "It is written, durably, or stood there already.",
            body = [Upserted], example = json!(examples::upserted())),
        (status = 409, description = "See the common errors."),
    ),
)]
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
            patch,
        )
        .await?;
    Ok(Json([upserted]))
}

/// Changes a contact.
///
/// Only what is sent changes, by PUT as by PATCH; a deleted contact is restored. Safe to repeat: a
/// repeated change finds its values there already, and writes nothing.
#[utoipa::path(
    method(put, patch),
    path = "/public/v1/contacts/{id}",
    operation_id = "updateContact",
    tag = CONTACTS,
    security(("apiKey" = [Scope::ContactsWrite])),
    params(ById, IfMatchHeader),
    request_body(content = ContactUpdate, example = json!(examples::update())),
    responses(
        (status = 200, description = "The contact.", body = Contact, headers(("ETag")),
            example = json!(examples::contact())),
        (status = 409, description = "See the common errors."),
    ),
)]
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

/// Deletes a contact.
///
/// Softly: its identifiers are free, and an upsert or a change restores it. Safe to repeat: a
/// repeated deletion answers 404, and changes nothing.
#[utoipa::path(
    delete,
    path = "/public/v1/contacts/{id}",
    operation_id = "deleteContact",
    tag = CONTACTS,
    security(("apiKey" = [Scope::ContactsWrite])),
    params(ById, IfMatchHeader),
    responses((status = 204, description = "It is deleted.")),
)]
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
