//! Handlers of erasure, and of what outlives it.

use actix_web::web::{Data, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde_json::{Map, Value};

use super::caller::{Authorized, ContactsErase};
use super::contacts::body::parse_identifiers;
use super::documented_bodies::ContactIdentifiers;
use super::examples;
use super::parameters::ById;
use super::tags::CONTACTS;
use crate::domain::{ContactId, Identifiers, Scope};
use crate::http::shared::body::{JsonBody, OneContact};
use crate::http::shared::error::ApiError;
use crate::http::shared::page::read_query;
use crate::http::shared::path::PathId;
use crate::http::shared::state::AppState;
use crate::store::Actor;

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
    tag = CONTACTS,
    security(("apiKey" = [Scope::ContactsErase])),
    params(ById),
    responses((status = 204, description = "It is gone.")),
)]
pub(in crate::http) async fn erase(
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

/// Lifts a suppression.
///
/// Somebody who was erased after an opt-out, and who had this identifier, may be opted in again. It
/// may be sent as query parameters, too, for clients and proxies that drop the body of a DELETE.
/// Safe to repeat: a repeated call answers 404.
#[utoipa::path(
    delete,
    path = "/public/v1/suppressions",
    operation_id = "liftSuppressions",
    tag = CONTACTS,
    security(("apiKey" = [Scope::ContactsErase])),
    request_body(content = ContactIdentifiers, example = json!(examples::identifiers())),
    responses(
        (status = 204, description = "It is lifted."),
        (status = 404, description = "See the common errors."),
    ),
)]
pub(in crate::http) async fn lift(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsErase>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let identifiers = read_identifiers(&request, payload).await?;
    let actor = Actor::key(&principal.client, state.origin_of(&request));
    let is_lifted = state
        .store
        .lift_suppressions(principal.company, &actor, &identifiers)
        .await?;
    if is_lifted {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(ApiError::NoSuchSuppression)
    }
}

/// From the query if there is one, for some clients and proxies drop the body of a DELETE; else
/// from the body, where nobody logs it.
async fn read_identifiers(
    request: &HttpRequest,
    payload: Payload,
) -> Result<Identifiers, ApiError> {
    if request.query_string().is_empty() {
        let mut payload = payload.into_inner();
        let body = JsonBody::<OneContact>::from_request(request, &mut payload).await?;
        return parse_identifiers(body.text());
    }
    let mut members = Map::new();
    read_query(request.query_string(), |name, value| {
        if !matches!(name, "email" | "phone") {
            return Ok(false);
        }
        members.insert(name.to_owned(), Value::String(value.to_owned()));
        Ok(true)
    })?;
    parse_identifiers(&Value::Object(members).to_string()).map_err(|error| match error {
        ApiError::Invalid(_) | ApiError::ManyInvalid { .. } => {
            ApiError::BadRequest(error.to_string().into())
        }
        other => other,
    })
}
