//! `POST /public/v1/contacts/batch`: many upserts in one request, each with its own result.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::value::RawValue;

use super::batch_body::{ContactBatch, parse_contact};
use super::batch_response::{BatchResponse, BatchResult};
use super::upsert::UpsertResponse;
use crate::domain::Scope;
use crate::http::openapi::common_errors::invalid_email;
use crate::http::public::admission::charge;
use crate::http::public::caller::{Authorized, ContactsWrite};
use crate::http::shared::{ApiError, AppState, JsonBody, ManyContacts};
use crate::store::UNIT_SIZE;

/// The number of contacts that cost as much as one request.
const CONTACTS_PER_COST: usize = 100;
/// The most bytes of contacts that are parsed and written together. It bounds the memory for parsed
/// contacts, here and in the database.
const MAX_PART_BYTES: usize = 512 * 1024;

/// Upserts many contacts.
///
/// Each contact is saved independently: a rejected contact does not affect the others. A batch costs one
/// request per 100 contacts. Safe to repeat: a repeated request changes nothing.
#[utoipa::path(
    post, path = "/public/v1/contacts/batch",
    security(("apiKey" = [Scope::ContactsWrite])),
    request_body(content = ContactBatch, example = json!({"contacts": [
        {
            "email": "jane@example.com",
            "phone": "+393391234567",
            "customFields": {"plan": "enterprise", "address": {"city": "Torino"}},
            "marketingConsent": {"email": true, "whatsapp": false},
        },
        {"email": "joe@example.com"},
    ]})),
    responses(
        (status = 200, description = "All contacts were saved. The results are in the order of the request.",
            body = [BatchResult], example = json!([UpsertResponse::sample(1), UpsertResponse::sample(2)])),
        (status = 207, description = "Some contacts failed: see `error` in their results. The results are in the order of the request.",
            body = [BatchResult], example = json!([UpsertResponse::sample(1), invalid_email().envelope()])),
    ),
)]
pub(in crate::http::public) async fn upsert_contacts(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsWrite>,
    body: JsonBody<ManyContacts>,
) -> Result<HttpResponse, ApiError> {
    let items = ContactBatch::read(body.text())?.contacts;
    // At most 1000 contacts: the cost is at most 10.
    let cost = u32::try_from(items.len().div_ceil(CONTACTS_PER_COST)).unwrap_or(u32::MAX);
    charge(&state, &request, &principal, cost).await?;

    let mut response = BatchResponse::new(body.text().len(), &items);
    let mut rest = items.as_slice();
    while !rest.is_empty() {
        let (part, after) = rest.split_at(part_length(rest));
        rest = after;
        let mut patches = Vec::with_capacity(part.len());
        let errors: Vec<Option<ApiError>> = part
            .iter()
            .map(|item| {
                let parsed = parse_contact(item, principal.settings, &principal.custom_field_rules);
                parsed.map(|patch| patches.push(patch)).err()
            })
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
        for (item, error) in part.iter().zip(errors) {
            let missing = || ApiError::Internal("a contact of a batch without result".to_owned());
            let result = match error {
                Some(error) => Err(error),
                None => written
                    .next()
                    .map_or_else(|| Err(missing()), |written| written.map_err(ApiError::from)),
            };
            response.push(item, result);
        }
        // If all contacts are rejected, no other await lets this worker serve other requests.
        tokio::task::yield_now().await;
    }
    response.finish()
}

/// The number of contacts that are parsed and written together.
fn part_length(items: &[&RawValue]) -> usize {
    let mut bytes = 0;
    let fitting = items.iter().take(UNIT_SIZE).take_while(|item| {
        bytes += item.get().len();
        bytes <= MAX_PART_BYTES
    });
    fitting.count().max(1)
}
