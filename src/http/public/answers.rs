//! What answers look like that are put together by hand, for the OpenAPI document alone.

#![expect(dead_code, reason = "these types describe, and hold nothing")]

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::{ConsentEvent, Contact, ContactId, FieldTypeName, Upserted};
use crate::http::shared::field_error::FieldError;
use crate::http::shared::page::Page;

/// A page of contacts.
pub(in crate::http) type ContactPage = Page<Contact>;
/// A page of consent events.
pub(in crate::http) type ConsentEventPage = Page<ConsentEvent>;

/// An error.
#[derive(Serialize, ToSchema)]
#[schema(as = ErrorResponse)]
pub(in crate::http) struct ErrorEnvelope {
    error: ErrorBody,
}

/// What went wrong, and how to mend it.
#[derive(Serialize, ToSchema)]
struct ErrorBody {
    code: ErrorCode,
    /// For people. It may change: read `code`.
    message: String,
    #[schema(nullable = false)]
    details: Option<ErrorDetails>,
}

/// The kind of error.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ErrorCode {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    DuplicateResource,
    /// Of the admin API alone.
    Conflict,
    /// Of the admin API alone.
    LimitReached,
    PreconditionFailed,
    PayloadTooLarge,
    UnsupportedMediaType,
    ValidationError,
    InvalidPhoneNumber,
    RateLimitExceeded,
    InternalError,
    ServiceUnavailable,
}

/// What is known beyond the code. Which members there are depends on it.
/// Of `duplicate_resource`, `contactId` is the contact that was meant, and `conflictingContactId` the one
/// that has the identifier.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ErrorDetails {
    /// Of `validation_error`, `invalid_phone_number` and `duplicate_resource`: the first bad field.
    #[schema(nullable = false)]
    field: Option<String>,
    /// What was sent there, if it is a short scalar.
    value: Option<Value>,
    /// Of `validation_error` and `invalid_phone_number`: the bad fields, at most 20 of a contact and
    /// 1,000 of a batch.
    #[schema(nullable = false)]
    errors: Option<Vec<FieldError>>,
    /// How many more bad fields there are than `errors` lists.
    #[schema(nullable = false)]
    errors_omitted: Option<usize>,
    /// Of `duplicate_resource`: the contact that was meant.
    #[schema(nullable = false)]
    contact_id: Option<ContactId>,
    /// Of `duplicate_resource`: the contact that has the identifier, if it is another one.
    #[schema(nullable = false)]
    conflicting_contact_id: Option<ContactId>,
    /// Of `forbidden`: the scope that the key lacks.
    #[schema(nullable = false)]
    scope: Option<String>,
    /// Of `rate_limit_exceeded`: the requests that a window allows.
    #[schema(nullable = false)]
    limit: Option<u32>,
    /// Of `rate_limit_exceeded`.
    #[schema(nullable = false)]
    window_seconds: Option<u64>,
    /// Of `rate_limit_exceeded` and `service_unavailable`: how long to wait, as `Retry-After` says.
    #[schema(nullable = false)]
    retry_after_seconds: Option<u64>,
    /// Of `rate_limit_exceeded` and `service_unavailable`: the bound on what may be in use at once, in
    /// place of `limit` and `windowSeconds`.
    #[schema(nullable = false)]
    bound: Option<String>,
}

/// What came of one contact of a batch.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http) enum BatchResult {
    /// It was written, or stood there already.
    Upserted(Upserted),
    /// It was not written.
    Error(Box<ErrorEnvelope>),
}

/// A definition.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct CustomField {
    /// In upper case.
    key: String,
    /// Its name for people.
    display_name: String,
    #[serde(rename = "type")]
    field_type: FieldTypeName,
    /// Of the type `select` alone.
    #[schema(nullable = false)]
    options: Option<Vec<String>>,
    /// What it is listed under.
    #[schema(required)]
    category: Option<String>,
    /// Whether contacts can be filtered by it.
    filterable: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// All definitions, in the order of their keys or by category.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http) enum CustomFieldList {
    /// In the order of their keys.
    Flat { data: Vec<CustomField> },
    /// By category.
    Grouped {
        #[schema(min_items = 1)]
        data: Vec<CustomFieldCategory>,
    },
}

/// The definitions of one category.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct CustomFieldCategory {
    /// `null`: those without one.
    #[schema(required)]
    category: Option<String>,
    custom_fields: Vec<CustomField>,
}
