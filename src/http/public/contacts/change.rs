//! Handlers that write contacts.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};

use super::body as contact_body;
use super::entity_tag::{Preconditions, with_entity_tag};
use crate::domain::{CompanyId, Contact, ContactId, Scope, Upserted};
use crate::http::public::caller::{Authorized, ContactsWrite};
use crate::http::public::document::CONTACTS;
use crate::http::public::documented_bodies::{ContactUpdate, ContactUpsert};
use crate::http::public::examples;
use crate::http::public::parameters::{ById, IfMatchHeader, IfNoneMatchHeader};
use crate::http::shared::body::{JsonBody, OneContact};
use crate::http::shared::error::ApiError;
use crate::http::shared::path::PathId;
use crate::http::shared::state::AppState;
use crate::retry_after::Unavailable;
use crate::store::{ContactError, ExpectedVersions};

/// How often a change begins again because somebody else was first.
const MAX_ATTEMPTS: usize = 10;

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
pub(in crate::http) async fn upsert(
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
/// Only what is sent changes, by PUT as by PATCH; a deleted contact is restored. What was read may be
/// sent back: `contactId`, `createdAt`, `updatedAt` and `deletedAt` are ignored if they are as stored, and
/// refused otherwise. Safe to repeat: a repeated change finds its values there already, and writes
/// nothing.
#[utoipa::path(
    method(put, patch),
    path = "/public/v1/contacts/{id}",
    operation_id = "updateContact",
    tag = CONTACTS,
    security(("apiKey" = [Scope::ContactsWrite])),
    params(ById, IfMatchHeader, IfNoneMatchHeader),
    request_body(content = ContactUpdate, example = json!(examples::update())),
    responses(
        (status = 200, description = "The contact.", body = Contact, headers(("ETag")),
            example = json!(examples::contact())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http) async fn update(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsWrite>,
    PathId(id): PathId<ContactId>,
    preconditions: Preconditions,
    body: JsonBody<OneContact>,
) -> Result<HttpResponse, ApiError> {
    let (change, read_only) =
        contact_body::parse_change(body.text(), &principal.custom_field_rules)?;
    let write = async |expected: ExpectedVersions<'_>| {
        let store = &state.store;
        let (settings, client) = (principal.settings, &principal.client);
        store
            .update_contact(principal.company, settings, client, id, expected, &change)
            .await
    };
    if read_only.is_empty() && preconditions.is_list_of_versions() {
        return Ok(with_entity_tag(&write(preconditions.expected()).await?));
    }
    let check = |found: &Contact| {
        preconditions.check_change(found)?;
        read_only.check(found)
    };
    let contact = of_checked_version(&state, principal.company, id, check, write);
    Ok(with_entity_tag(&contact.await?))
}

/// Changes the version of a contact that was compared with what is asked, and no other: begins again
/// where somebody else was first.
async fn of_checked_version<T>(
    state: &AppState,
    company: CompanyId,
    id: ContactId,
    check: impl Fn(&Contact) -> Result<(), ApiError>,
    write: impl AsyncFn(ExpectedVersions<'_>) -> Result<T, ContactError>,
) -> Result<T, ApiError> {
    for _ in 0..MAX_ATTEMPTS {
        let found = state.store.find_contact_in_any_state(company, id).await?;
        let found = found.ok_or(ApiError::NoSuchContact)?;
        check(&found)?;
        match write(Some(&[found.updated_at])).await {
            Err(ContactError::PreconditionFailed) => {}
            written => return Ok(written?),
        }
    }
    Err(Unavailable::soon_over("a contact was changed again and again").into())
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
    params(ById, IfMatchHeader, IfNoneMatchHeader),
    responses((status = 204, description = "It is deleted.")),
)]
pub(in crate::http) async fn delete(
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
