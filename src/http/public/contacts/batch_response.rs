//! The answer to a batch: written item by item, and never out of proportion to the request.

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

/// The most bad fields that an answer lists.
const MAX_LISTED: usize = 1000;
/// How many times its request an answer may take, ...
const FACTOR: usize = 4;
/// ... and how many bytes more.
const FREE_BYTES: usize = 64 * 1024;
/// What each of the most contacts of a batch can have of those.
const FREE_BYTES_PER_ITEM: usize = FREE_BYTES / 1000;

/// What came of one contact of a batch.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum BatchResult {
    /// It was written, or stood there already.
    Upserted(UpsertResponse),
    /// It was not written.
    Error(Box<ErrorResponse>),
}

/// An answer that is being written.
pub(super) struct BatchAnswer {
    text: String,
    /// The bytes that no item to come may need.
    spare: usize,
    /// How many more bad fields are listed.
    listable: usize,
    has_failed: bool,
    /// Whether nothing was done, as far as is known.
    is_unavailable: bool,
    /// The last of the calls that were not done.
    unavailable: Option<ApiError>,
}

impl BatchAnswer {
    /// An answer to these items of a body with so many bytes.
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

    /// Adds what came of the next item.
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

    /// As much of an error as is allowed.
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

    /// The answer. Where nothing was done, the call as a whole is to be sent again.
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

/// The bytes of an answer that an item may take in any case: enough for what came of an upsert, and
/// for the code of an error.
fn share(item: &RawValue) -> usize {
    FACTOR * (item.get().len() + ",".len()) + FREE_BYTES_PER_ITEM
}
