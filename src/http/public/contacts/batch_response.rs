//! The response to a batch, written item by item, with a size in proportion to the request.

use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::upsert::UpsertResponse;
use crate::domain::Upserted;
use crate::http::shared::{ApiError, ErrorResponse};

/// The most invalid fields that a response lists.
const MAX_LISTED: usize = 1000;
/// The largest response: this many times the request,
const FACTOR: usize = 4;
/// plus this many bytes.
const FREE_BYTES: usize = 64 * 1024;
/// The share of each contact in [`FREE_BYTES`], in the largest batch.
const FREE_BYTES_PER_ITEM: usize = FREE_BYTES / 1000;

/// The result of one contact of a batch.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum BatchResult {
    /// The contact was saved, or was already up to date.
    Upserted(UpsertResponse),
    /// The contact was not saved.
    Error(Box<ErrorResponse>),
}

/// A response that is being written.
pub(super) struct BatchResponse {
    text: String,
    /// The bytes that are not reserved for the items that follow.
    spare: usize,
    /// The number of invalid fields that may still be listed.
    listable: usize,
    has_failed: bool,
    /// Whether every result so far is [`ApiError::Unavailable`].
    is_unavailable: bool,
    /// The last such error.
    unavailable: Option<ApiError>,
}

impl BatchResponse {
    /// A response to these items of a body of this many bytes.
    pub(super) fn new(body_bytes: usize, items: &[&RawValue]) -> Self {
        let reserved: usize = items.iter().map(|item| share(item)).sum();
        Self {
            text: "[".to_owned(),
            spare: (FACTOR * body_bytes + FREE_BYTES).saturating_sub(reserved + "[]".len()),
            listable: MAX_LISTED,
            has_failed: false,
            is_unavailable: true,
            unavailable: None,
        }
    }

    /// Adds the result of the next item.
    pub(super) fn push(&mut self, item: &RawValue, result: Result<Upserted, ApiError>) {
        let allowed = self.spare + share(item);
        let text = match result {
            Ok(upserted) => {
                self.is_unavailable = false;
                json!(BatchResult::Upserted(upserted.into())).to_string()
            }
            Err(error) => {
                self.has_failed = true;
                let text = self.error(&error, allowed);
                if matches!(error, ApiError::Unavailable { .. }) {
                    self.unavailable = Some(error);
                } else {
                    self.is_unavailable = false;
                    error.log();
                }
                text
            }
        };
        if self.text.len() > 1 {
            self.text.push(',');
        }
        self.text.push_str(&text);
        self.spare = allowed.saturating_sub(text.len() + ",".len());
    }

    /// An error with as many details as fit.
    fn error(&mut self, error: &ApiError, allowed: usize) -> String {
        let listed = error.field_errors().len().min(self.listable);
        let text = |error| json!(BatchResult::Error(Box::new(error))).to_string();
        let fits = |text: &String| text.len() < allowed;
        let whole = text(error.envelope_listing(listed));
        if fits(&whole) {
            self.listable -= listed;
            return whole;
        }
        let without_list = text(error.envelope_listing(0));
        if fits(&without_list) {
            return without_list;
        }
        text(error.code_alone())
    }

    /// The response. If every contact is unavailable, the whole request fails with that error.
    pub(super) fn finish(mut self) -> Result<HttpResponse, ApiError> {
        if let Some(error) = self.unavailable {
            if self.is_unavailable {
                return Err(error);
            }
            error.log();
        }
        let status = if self.has_failed {
            StatusCode::MULTI_STATUS
        } else {
            StatusCode::OK
        };
        self.text.push(']');
        Ok(HttpResponseBuilder::new(status)
            .content_type(ContentType::json())
            .body(self.text))
    }
}

/// The bytes of the response that are reserved for an item: enough for the result of an upsert or the code
/// of an error.
fn share(item: &RawValue) -> usize {
    FACTOR * (item.get().len() + ",".len()) + FREE_BYTES_PER_ITEM
}
