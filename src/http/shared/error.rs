//! The error type of both APIs.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use tracing::{error, warn};

use super::error_response::{ErrorBody, ErrorCode, ErrorDetails, ErrorResponse};
use super::field_error::FieldError;
use super::request_id;
use crate::domain::{self, ContactId, IdentifierKind, Quota};
use crate::fair_share::{BoundReached, Scope};
use crate::retry_after::{RetryAfter, Unavailable, Wait, whole_seconds};

/// The largest message about several bad fields, in bytes. The details list more of them.
const MAX_SUMMARY_BYTES: usize = 1000;

/// An error response to a request.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The request is malformed.
    #[error("{0}")]
    BadRequest(Cow<'static, str>),
    /// The API key is missing or not valid. The one message reveals nothing about the key.
    #[error("the API key is missing or not valid: send Authorization: Bearer <key>")]
    Unauthorized,
    /// The credentials are wrong or the account may not sign in. The one message reveals nothing.
    #[error("the e-mail address or the password is wrong, or the account may not sign in")]
    SignInRefused,
    /// The access token is missing or not valid, or its session has ended.
    #[error("the access token is missing or not valid: sign in with POST /admin/v1/login")]
    NotSignedIn,
    /// The refresh token is unknown or used, or its session has ended.
    #[error("the refresh token is unknown, used or expired: sign in with POST /admin/v1/login")]
    RefreshRefused,
    /// The administrator lacks the permission, for this reason.
    #[error("{0}")]
    Denied(&'static str),
    /// The administrator manages no such company, key or administrator.
    #[error("there is no such {0}")]
    NoSuch(&'static str),
    /// The key cannot be rotated, for this reason.
    #[error("{0}")]
    KeyNotRotated(String),
    /// The administrator cannot be disabled or deleted, for this reason.
    #[error("{0}")]
    AdminNotRemoved(String),
    /// Another administrator has this e-mail address.
    #[error("an administrator with this e-mail address exists already")]
    AdminEmailTaken,
    /// The key lacks this scope.
    #[error("this API key lacks the scope {0}: ask an administrator to add it")]
    MissingScope(domain::Scope),
    /// The company of the key or the administrator is suspended.
    #[error("this company is suspended: ask the operator of the service")]
    CompanySuspended,
    /// There is no such route.
    #[error("there is nothing at this path: check the URL against the documentation")]
    UnknownRoute,
    /// The caller's company has no such contact.
    #[error("there is no such contact: it was never there, or it was deleted")]
    NoSuchContact,
    /// The caller's company has no such custom-field definition.
    #[error("there is no definition of this custom field: see GET /public/v1/custom-fields")]
    NoSuchCustomField,
    /// The caller's company has no suppression of this identifier.
    #[error("there is no suppression of this identifier: it was never there, or it was lifted")]
    NoSuchSuppression,
    /// The route does not support this method.
    #[error("this path does not take this method: see the Allow header for those it takes")]
    MethodNotAllowed,
    /// An identifier belongs to another contact.
    #[error("the {} belongs to another contact: nothing was written", identifier.as_str())]
    IdentifierTaken {
        /// Which identifier.
        identifier: IdentifierKind,
        /// The contact that the request was for.
        contact_id: ContactId,
        /// The contact that has it.
        conflicting_contact_id: ContactId,
    },
    /// The contact with the sent phone has another e-mail address.
    #[error(
        "the contact with this phone has another e-mail address: nothing was written; send its \
         e-mail address, or change it with PATCH /public/v1/contacts/{{id}}"
    )]
    EmailDiffers {
        /// The contact that has the phone.
        contact_id: ContactId,
    },
    /// The company already has a definition of this custom field.
    #[error("this custom field is defined already: change it with PATCH /public/v1/custom-fields")]
    CustomFieldDefined,
    /// The version of the contact does not meet `If-Match` or `If-None-Match`.
    #[error(
        "the contact is in another version than If-Match or If-None-Match asks for: read it again, \
         and repeat with its ETag"
    )]
    PreconditionFailed,
    /// The body is too large.
    #[error("the body must be at most {max_bytes} bytes")]
    PayloadTooLarge {
        /// The largest body of this route in bytes.
        max_bytes: usize,
    },
    /// The body is not sent as plain JSON.
    #[error(
        "send Content-Type: application/json (PATCH also takes application/merge-patch+json), and no Content-Encoding"
    )]
    UnsupportedMediaType,
    /// A contact of a batch is larger than the body of a single upsert may be.
    #[error("a contact must be at most {max_bytes} bytes, as the body of a single upsert")]
    ContactTooLarge {
        /// The largest contact in bytes.
        max_bytes: usize,
    },
    /// These values are not valid. Never empty.
    #[error("{}", summary(.0, 0))]
    Invalid(Vec<FieldError>),
    /// More values are not valid than are listed.
    #[error("{}", summary(.listed, *.omitted))]
    ManyInvalid {
        /// The first errors. Never empty.
        listed: Vec<FieldError>,
        /// The number of other errors.
        omitted: usize,
    },
    /// The caller's limit is used up.
    #[error("too many requests: wait {retry_after} s, or send fewer")]
    RateLimited {
        /// The limit.
        quota: Quota,
        /// How long to wait.
        retry_after: RetryAfter,
    },
    /// The caller, or all callers together, use as much of a resource as they may.
    #[error("{bound}: wait until some are done, then send it again")]
    BoundReached {
        /// The bound.
        bound: BoundReached,
        /// How long to wait.
        retry_after: RetryAfter,
    },
    /// The company has reached a maximum number, which this text names.
    #[error("{0}")]
    LimitReached(String),
    /// The service is unavailable, and the request is safe to repeat. The cause is for the log.
    #[error(
        "the service is unavailable for a moment: send the request again, it is safe to repeat"
    )]
    Unavailable {
        /// Why.
        cause: String,
        /// How long to wait.
        retry_after: RetryAfter,
    },
    /// An unexpected error. The cause is for the log.
    #[error(
        "internal error: report it with the request id {}",
        request_id::current()
    )]
    Internal(String),
}

impl ApiError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::BadRequest(_) => ErrorCode::BadRequest,
            Self::Unauthorized | Self::SignInRefused | Self::NotSignedIn | Self::RefreshRefused => {
                ErrorCode::Unauthorized
            }
            Self::MissingScope(_) | Self::CompanySuspended | Self::Denied(_) => {
                ErrorCode::Forbidden
            }
            Self::UnknownRoute
            | Self::NoSuchContact
            | Self::NoSuchCustomField
            | Self::NoSuchSuppression
            | Self::NoSuch(_) => ErrorCode::NotFound,
            Self::MethodNotAllowed => ErrorCode::MethodNotAllowed,
            Self::IdentifierTaken { .. }
            | Self::EmailDiffers { .. }
            | Self::CustomFieldDefined
            | Self::AdminEmailTaken => ErrorCode::DuplicateResource,
            Self::KeyNotRotated(_) | Self::AdminNotRemoved(_) => ErrorCode::Conflict,
            Self::LimitReached(_) => ErrorCode::LimitReached,
            Self::PreconditionFailed => ErrorCode::PreconditionFailed,
            Self::PayloadTooLarge { .. } | Self::ContactTooLarge { .. } => {
                ErrorCode::PayloadTooLarge
            }
            Self::UnsupportedMediaType => ErrorCode::UnsupportedMediaType,
            Self::Invalid(errors) | Self::ManyInvalid { listed: errors, .. } => errors
                .first()
                .map_or(ErrorCode::ValidationError, |error| error.code.into()),
            Self::RateLimited { .. } => ErrorCode::RateLimitExceeded,
            Self::BoundReached { bound, .. } => match bound.scope() {
                Scope::Own => ErrorCode::RateLimitExceeded,
                Scope::All => ErrorCode::ServiceUnavailable,
            },
            Self::Unavailable { .. } => ErrorCode::ServiceUnavailable,
            Self::Internal(_) => ErrorCode::InternalError,
        }
    }

    /// The bad fields that the error lists.
    pub(in crate::http) fn field_errors(&self) -> &[FieldError] {
        match self {
            Self::Invalid(errors) | Self::ManyInvalid { listed: errors, .. } => errors,
            _ => &[],
        }
    }

    fn details(&self, most_listed: usize) -> Option<ErrorDetails> {
        let none = ErrorDetails::default();
        let field = |field: &str| Some(field.to_owned());
        Some(match self {
            Self::IdentifierTaken {
                identifier,
                contact_id,
                conflicting_contact_id,
            } => ErrorDetails {
                field: field(identifier.as_str()),
                contact_id: Some(*contact_id),
                conflicting_contact_id: Some(*conflicting_contact_id),
                ..none
            },
            Self::EmailDiffers { contact_id } => ErrorDetails {
                field: field(IdentifierKind::Email.as_str()),
                contact_id: Some(*contact_id),
                ..none
            },
            Self::AdminEmailTaken => ErrorDetails {
                field: field("email"),
                ..none
            },
            Self::CustomFieldDefined => ErrorDetails {
                field: field("key"),
                ..none
            },
            Self::Invalid(errors) => field_details(errors, 0, most_listed)?,
            Self::ManyInvalid { listed, omitted } => field_details(listed, *omitted, most_listed)?,
            Self::RateLimited { quota, retry_after } => ErrorDetails {
                limit: Some(quota.limit()),
                window_seconds: Some(whole_seconds(quota.window())),
                retry_after_seconds: Some(retry_after.seconds()),
                ..none
            },
            Self::BoundReached { bound, retry_after } => ErrorDetails {
                bound: Some(bound.setting()),
                retry_after_seconds: Some(retry_after.seconds()),
                ..none
            },
            Self::Unavailable { retry_after, .. } => ErrorDetails {
                retry_after_seconds: Some(retry_after.seconds()),
                ..none
            },
            Self::MissingScope(scope) => ErrorDetails {
                scope: Some(scope.as_str()),
                ..none
            },
            _ => return None,
        })
    }

    /// The body of the error response.
    pub(in crate::http) fn envelope(&self) -> ErrorResponse {
        self.envelope_listing(usize::MAX)
    }

    /// The error as an item of a batch response, with at most this many bad fields.
    pub(in crate::http) fn envelope_listing(&self, most_listed: usize) -> ErrorResponse {
        let message = match self.field_errors().first() {
            Some(first) if most_listed == 0 => first.message.clone(),
            _ => self.to_string(),
        };
        self.envelope_of(message, self.details(most_listed))
    }

    /// The error without its message and details, for a batch response that reached its maximum size.
    pub(in crate::http) fn code_alone(&self) -> ErrorResponse {
        self.envelope_of("details are omitted".to_owned(), None)
    }

    fn envelope_of(&self, message: String, details: Option<ErrorDetails>) -> ErrorResponse {
        let code = self.code();
        let error = ErrorBody {
            code,
            message,
            details,
        };
        ErrorResponse { error }
    }

    /// Logs the error if the service caused it. Nothing else logs it.
    pub(in crate::http) fn log(&self) {
        match self {
            Self::Unavailable { cause, .. } => warn!(cause, "answered 503"),
            Self::Internal(cause) => error!(cause, "answered 500"),
            _ => {}
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code().status()
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        let mut response = HttpResponseBuilder::new(self.status_code());
        match self {
            Self::Unauthorized | Self::SignInRefused | Self::NotSignedIn | Self::RefreshRefused => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer"));
            }
            Self::RateLimited { retry_after, .. }
            | Self::BoundReached { retry_after, .. }
            | Self::Unavailable { retry_after, .. } => {
                response.insert_header((RETRY_AFTER, retry_after.seconds()));
            }
            _ => {}
        }
        response.json(self.envelope())
    }
}

impl From<Unavailable> for ApiError {
    fn from(Unavailable { cause, wait }: Unavailable) -> Self {
        Self::Unavailable {
            cause,
            retry_after: wait.into(),
        }
    }
}

impl From<BoundReached> for ApiError {
    fn from(bound: BoundReached) -> Self {
        Self::BoundReached {
            bound,
            retry_after: Wait::Soon.into(),
        }
    }
}

/// The messages of the first bad fields, and the number of others.
fn summary(errors: &[FieldError], omitted: usize) -> String {
    let mut summary = String::new();
    let mut shown = 0;
    for error in errors {
        let separator = if shown > 0 { "; " } else { "" };
        let length = summary.len() + separator.len() + error.message.len();
        if shown > 0 && length > MAX_SUMMARY_BYTES {
            break;
        }
        summary.push_str(separator);
        summary.push_str(&error.message);
        shown += 1;
    }
    let more = errors.len() - shown + omitted;
    if more > 0 {
        return format!("{summary}; and {more} more");
    }
    summary
}

fn field_details(
    errors: &[FieldError],
    omitted: usize,
    most_listed: usize,
) -> Option<ErrorDetails> {
    let first = errors.first()?;
    let listed = &errors[..errors.len().min(most_listed)];
    let omitted = omitted + errors.len() - listed.len();
    Some(ErrorDetails {
        field: Some(first.field.clone()),
        value: first.value.as_deref().cloned(),
        errors: Some(listed.to_vec()),
        errors_omitted: Some(omitted).filter(|omitted| *omitted > 0),
        ..ErrorDetails::default()
    })
}
