//! The body of an error.

use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::field_error::{FieldCode, FieldError};
use crate::domain::ContactId;

/// An error.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ErrorResponse {
    pub(super) error: ErrorBody,
}

/// The error and how to fix it.
#[derive(Serialize, ToSchema)]
pub(super) struct ErrorBody {
    pub(super) code: ErrorCode,
    /// For people. It may change: branch on `code`.
    pub(super) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) details: Option<ErrorDetails>,
}

/// The kind of error.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ErrorCode {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    DuplicateResource,
    /// Only in the admin API.
    Conflict,
    /// Only in the admin API.
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

/// More about the error. The fields depend on `code`.
/// With `duplicate_resource`, `contactId` is the contact that the request was for, and
/// `conflictingContactId` is the contact that has the identifier.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorDetails {
    /// `validation_error`, `invalid_phone_number`, `duplicate_resource`: the first invalid field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) field: Option<String>,
    /// The sent value of `field`, if it is a short scalar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Value>,
    /// `validation_error`, `invalid_phone_number`: the invalid fields, at most 20 per contact and 1,000
    /// per batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) errors: Option<Vec<FieldError>>,
    /// The number of invalid fields that `errors` does not list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) errors_omitted: Option<usize>,
    /// `duplicate_resource`: the contact that the request was for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) contact_id: Option<ContactId>,
    /// `duplicate_resource`: the contact that has the identifier, if it is a different contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) conflicting_contact_id: Option<ContactId>,
    /// `forbidden`: the scope that the key lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) scope: Option<&'static str>,
    /// `rate_limit_exceeded`: the requests allowed per window.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) limit: Option<u32>,
    /// `rate_limit_exceeded`: the length of the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) window_seconds: Option<u64>,
    /// `rate_limit_exceeded`, `service_unavailable`: the limit on concurrent use that was reached, instead
    /// of `limit` and `windowSeconds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) bound: Option<String>,
    /// `rate_limit_exceeded`, `service_unavailable`: how long to wait; the same as `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) retry_after_seconds: Option<u64>,
}

impl ErrorCode {
    /// The HTTP status of this error.
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::DuplicateResource | Self::Conflict | Self::LimitReached => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ValidationError | Self::InvalidPhoneNumber => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimitExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<FieldCode> for ErrorCode {
    fn from(code: FieldCode) -> Self {
        match code {
            FieldCode::ValidationError => Self::ValidationError,
            FieldCode::InvalidPhoneNumber => Self::InvalidPhoneNumber,
        }
    }
}
