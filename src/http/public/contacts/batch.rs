//! `POST /public/v1/contacts/batch`: many upserts in one call, each with a result of its own.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::value::RawValue;

use super::batch_answer::{BatchAnswer, BatchResult};
use super::batch_body::{ContactBatch, parse_contact};
use super::upsert::UpsertResponse;
use crate::domain::Scope;
use crate::http::openapi::refusals::invalid_email;
use crate::http::public::admission::charge;
use crate::http::public::caller::{Authorized, ContactsWrite};
use crate::http::shared::{ApiError, AppState, JsonBody, ManyContacts};
use crate::store::UNIT_SIZE;

/// Contacts that cost as much as one request.
const CONTACTS_PER_COST: usize = 100;
/// The most bytes of contacts that are parsed and written together: what is made of them, here and in
/// the database, is there for no longer than that takes.
const MAX_PART_BYTES: usize = 512 * 1024;

/// Upserts many contacts.
///
/// Each by itself: a contact that is refused keeps no other from being written. Costs one request
/// for each hundred contacts. Safe to repeat: a repeated upsert finds its values there already, and
/// writes nothing.
#[utoipa::path(
    post,
    path = "/public/v1/contacts/batch",
    operation_id = "upsertContacts",
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
        (status = 200, description = "All went well. The results are in the order of the request.",
            body = [BatchResult], example = json!([UpsertResponse::sample(1), UpsertResponse::sample(2)])),
        (status = 207, description = "Some went wrong. The results are in the order of the request.",
            body = [BatchResult], example = json!([UpsertResponse::sample(1), invalid_email().envelope()])),
    ),
)]
pub(in crate::http::public) async fn upsert_all(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsWrite>,
    body: JsonBody<ManyContacts>,
) -> Result<HttpResponse, ApiError> {
    let items = ContactBatch::read(body.text())?.contacts;
    // At most 1000 contacts: the cost is at most 10.
    let cost = u32::try_from(items.len().div_ceil(CONTACTS_PER_COST)).unwrap_or(u32::MAX);
    charge(&state, &request, &principal, cost).await?;

    let mut answer = BatchAnswer::new(body.text().len(), &items);
    let mut rest = items.as_slice();
    while !rest.is_empty() {
        let (part, after) = rest.split_at(part_length(rest));
        rest = after;
        let mut patches = Vec::with_capacity(part.len());
        let refusals: Vec<Option<ApiError>> = part
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
        for (item, refusal) in part.iter().zip(refusals) {
            let missing = || ApiError::Internal("a contact of a batch without result".to_owned());
            let result = match refusal {
                Some(refusal) => Err(refusal),
                None => written
                    .next()
                    .map_or_else(|| Err(missing()), |written| written.map_err(ApiError::from)),
            };
            answer.push(item, result);
        }
        // Where all are refused, nothing else lets other requests of this worker go on.
        tokio::task::yield_now().await;
    }
    answer.finish()
}

/// How many of these contacts are parsed and written together.
fn part_length(items: &[&RawValue]) -> usize {
    let mut bytes = 0;
    let fitting = items.iter().take(UNIT_SIZE).take_while(|item| {
        bytes += item.get().len();
        bytes <= MAX_PART_BYTES
    });
    fitting.count().max(1)
}
