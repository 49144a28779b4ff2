//! `POST /public/v1/contacts/batch`: many upserts in one call, each with a result of its own.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde_json::{Value, json};

use super::AppState;
use super::body::{JsonBody, ManyContacts};
use super::caller::{Authorized, ContactsWrite};
use super::contact_body;
use super::error::ApiError;
use super::middleware::charge;
use super::openapi::answers::BatchResult;
use super::openapi::bodies::ContactBatch;
use super::openapi::{CONTACTS, examples};
use crate::domain::Scope;

/// Contacts that cost as much as one request.
const CONTACTS_PER_COST: usize = 100;

/// Upserts many contacts.
///
/// Each by itself: a contact that is refused keeps no other from being written. Costs one request
/// for each hundred contacts. Safe to repeat: a repeated upsert finds its values there already, and
/// writes nothing.
#[utoipa::path(
    post,
    path = "/public/v1/contacts/batch",
    operation_id = "upsertContacts",
    tag = CONTACTS,
    security(("apiKey" = [Scope::ContactsWrite])),
    request_body(content = ContactBatch, example = json!(examples::batch())),
    responses(
        (status = 200, description = "All went well. The results are in the order of the request.",
            body = [BatchResult], example = json!(examples::batch_results())),
        (status = 207, description = "Some went wrong. The results are in the order of the request.",
            body = [BatchResult], example = json!(examples::mixed_batch_results())),
    ),
)]
pub(super) async fn upsert_all(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsWrite>,
    body: JsonBody<ManyContacts>,
) -> Result<HttpResponse, ApiError> {
    let parsed = contact_body::parse_batch(
        body.text(),
        principal.settings,
        &principal.custom_field_rules,
    )?;
    // At most 1000 contacts: the cost is at most 10.
    let cost = u32::try_from(parsed.len().div_ceil(CONTACTS_PER_COST)).unwrap_or(u32::MAX);
    charge(&state, &request, &principal, cost).await?;

    let mut patches = Vec::with_capacity(parsed.len());
    let refusals: Vec<Option<ApiError>> = parsed
        .into_iter()
        .map(|item| item.map(|patch| patches.push(patch)).err())
        .collect();
    let written = state
        .store
        .upsert_contacts(
            principal.company,
            principal.settings,
            &principal.client,
            patches,
        )
        .await;

    let mut written = written.into_iter();
    let results: Vec<Result<Value, ApiError>> = refusals
        .into_iter()
        .map(|refusal| {
            refusal.map_or(Ok(()), Err)?;
            let missing = || ApiError::Internal("a contact of a batch without result".to_owned());
            Ok(json!(written.next().ok_or_else(missing)??))
        })
        .collect();
    answer(results)
}

fn answer(mut results: Vec<Result<Value, ApiError>>) -> Result<HttpResponse, ApiError> {
    let is_unavailable = |result: &Result<_, _>| matches!(result, Err(ApiError::Unavailable(_)));
    // Nothing of it was done: then the call as a whole is to be sent again.
    if results.iter().all(is_unavailable)
        && let Some(Err(error)) = results.pop()
    {
        return Err(error);
    }
    let has_failed = results.iter().any(Result::is_err);
    let status = if has_failed {
        StatusCode::MULTI_STATUS
    } else {
        StatusCode::OK
    };
    let items: Vec<Value> = results
        .into_iter()
        .map(|result| {
            result.unwrap_or_else(|error| {
                error.log();
                error.envelope()
            })
        })
        .collect();
    Ok(HttpResponseBuilder::new(status).json(items))
}
