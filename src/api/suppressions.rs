//! Handlers of erasure, and of what outlives it.

use actix_web::web::{Data, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde_json::{Map, Value};

use super::AppState;
use super::body::{JsonBody, OneContact};
use super::caller::{Authorized, ContactsErase};
use super::contact_body::parse_identifiers;
use super::error::ApiError;
use super::page::read_query;
use super::path::PathValue;
use crate::domain::{ContactId, Identifiers};

/// `POST /public/v1/contacts/{id}/erase`: for good, with its soft-deleted twins.
pub(super) async fn erase(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsErase>,
    PathValue(id): PathValue<ContactId>,
) -> Result<HttpResponse, ApiError> {
    state
        .store
        .erase_contact(principal.company, &principal.client, id)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /public/v1/suppressions`: somebody who was erased after an opt-out may be opted in again.
pub(super) async fn lift(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsErase>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let identifiers = read_identifiers(&request, payload).await?;
    let is_lifted = state
        .store
        .lift_suppressions(principal.company, &identifiers)
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
        members.insert(name.to_owned(), Value::String(value.to_owned()));
        Ok(true)
    })?;
    parse_identifiers(&Value::Object(members).to_string()).map_err(|error| match error {
        ApiError::Invalid(_) => ApiError::BadRequest(error.to_string().into()),
        other => other,
    })
}
