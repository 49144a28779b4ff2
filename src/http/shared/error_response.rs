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

/// What went wrong, and how to fix it.
#[derive(Serialize, ToSchema)]
pub(super) struct ErrorBody {
    pub(super) code: ErrorCode,
    /// For people. It may change: read `code`.
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
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorDetails {
    /// Of `validation_error`, `invalid_phone_number` and `duplicate_resource`: the first bad field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) field: Option<String>,
    /// What was sent there, if it is a short scalar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Value>,
    /// Of `validation_error` and `invalid_phone_number`: the bad fields, at most 20 of a contact and
    /// 1,000 of a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) errors: Option<Vec<FieldError>>,
    /// How many more bad fields there are than `errors` lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) errors_omitted: Option<usize>,
    /// Of `duplicate_resource`: the contact that was meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) contact_id: Option<ContactId>,
    /// Of `duplicate_resource`: the contact that has the identifier, if it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) conflicting_contact_id: Option<ContactId>,
    /// Of `forbidden`: the scope that the key lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) scope: Option<&'static str>,
    /// Of `rate_limit_exceeded`: the requests that a window allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) limit: Option<u32>,
    /// Of `rate_limit_exceeded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) window_seconds: Option<u64>,
    /// Of `rate_limit_exceeded` and `service_unavailable`: the bound on what may be in use at once, in
    /// place of `limit` and `windowSeconds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) bound: Option<String>,
    /// Of `rate_limit_exceeded` and `service_unavailable`: how long to wait, as `Retry-After` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) retry_after_seconds: Option<u64>,
}

impl ErrorCode {
    /// The status of an answer with this error.
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
