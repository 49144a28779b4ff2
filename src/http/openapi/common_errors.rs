//! The errors that operations have in common, described once. The code that returns an error also
//! makes its example.

use std::time::Duration;

use actix_web::ResponseError;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::{headers, samples};
use crate::domain::{Email, Quota};
use crate::http::shared::{ApiError, ErrorResponse, FieldError, request_id};
use crate::retry_after::{RetryAfter, Wait};

/// An error that several operations may return.
pub(in crate::http) struct CommonError {
    pub(in crate::http) error: ApiError,
    /// Its name in the components of the document.
    pub(in crate::http) name: &'static str,
    pub(in crate::http) description: &'static str,
    pub(in crate::http) headers: &'static [&'static str],
    /// Which operations may return it, in addition to those whose handler lists its status.
    pub(in crate::http) is_of: fn(&Operation) -> bool,
}

impl CommonError {
    /// Its status, such as `404`.
    pub(in crate::http) fn status(&self) -> String {
        self.error.status_code().as_str().to_owned()
    }

    /// Whether an operation may return it.
    pub(in crate::http) fn is_of(&self, operation: &Operation) -> bool {
        (self.is_of)(operation) || operation.responses.responses.contains_key(&self.status())
    }

    /// The response.
    pub(in crate::http) fn response(&self) -> Response {
        let example = request_id::within(samples::REQUEST_ID, || json!(self.error.envelope()));
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(ErrorResponse::name())))
            .example(Some(example))
            .build();
        let mut response = ResponseBuilder::new()
            .description(self.description)
            .content("application/json", content)
            .build();
        headers::add(&mut response, &headers::EVERYWHERE);
        headers::add(&mut response, self.headers);
        response
    }
}

/// How the errors that all APIs have in common differ between them.
pub(in crate::http) struct Common {
    /// The headers of responses to authenticated callers.
    pub(in crate::http) headers: &'static [&'static str],
    /// The description of the 429.
    pub(in crate::http) rate_limited: &'static str,
    /// The description of the 503.
    pub(in crate::http) unavailable: &'static str,
    /// The largest body of a request in bytes, and the description of the 413.
    pub(in crate::http) too_large: (usize, &'static str),
}

impl Common {
    /// The errors that all APIs have in common.
    pub(in crate::http) fn errors(&self) -> Vec<CommonError> {
        let headers = self.headers;
        let (max_bytes, too_large) = self.too_large;
        vec![
            CommonError {
                error: ApiError::BadRequest("the body is not well-formed JSON".into()),
                name: "BadRequest",
                description: "The path, the query or the body is malformed, or a query parameter is unknown.",
                headers,
                is_of: every,
            },
            CommonError {
                error: ApiError::MethodNotAllowed,
                name: "MethodNotAllowed",
                description: "The path does not support this method.",
                headers: &["Allow"],
                is_of: every,
            },
            CommonError {
                error: rate_limited(),
                name: "RateLimited",
                description: self.rate_limited,
                headers: &headers::LIMITED,
                is_of: every,
            },
            CommonError {
                error: ApiError::Internal(String::new()),
                name: "Internal",
                description: "An unexpected error in the service.",
                headers,
                is_of: every,
            },
            CommonError {
                error: unavailable(),
                name: "Unavailable",
                description: self.unavailable,
                headers: &["Retry-After"],
                is_of: every,
            },
            CommonError {
                error: ApiError::PayloadTooLarge { max_bytes },
                name: "PayloadTooLarge",
                description: too_large,
                headers,
                is_of: has_body,
            },
            CommonError {
                error: ApiError::UnsupportedMediaType,
                name: "UnsupportedMediaType",
                description: "The body is not sent as plain JSON.",
                headers,
                is_of: has_body,
            },
            CommonError {
                error: invalid_email(),
                name: "Invalid",
                description: "Some values are invalid. `details.errors` lists the first 20 invalid fields.",
                headers,
                is_of: has_body,
            },
        ]
    }
}

/// The error for an invalid e-mail address.
pub(in crate::http) fn invalid_email() -> ApiError {
    let reason = Email::parse("jane@").err().map(|error| error.to_string());
    let error = FieldError::new("email", &reason.unwrap_or_default());
    ApiError::Invalid(vec![error])
}

/// The error for a caller whose limit is used up.
#[expect(clippy::expect_used, reason = "a limit within its bounds")]
fn rate_limited() -> ApiError {
    ApiError::RateLimited {
        quota: Quota::new(600, Duration::from_mins(1)).expect("a limit"),
        retry_after: one_second(),
    }
}

/// The error for an unavailable service.
fn unavailable() -> ApiError {
    ApiError::Unavailable {
        cause: String::new(),
        retry_after: one_second(),
    }
}

fn one_second() -> RetryAfter {
    Wait::Limit(Duration::from_secs(1)).into()
}

pub(in crate::http) fn every(_: &Operation) -> bool {
    true
}

pub(in crate::http) fn none(_: &Operation) -> bool {
    false
}

pub(in crate::http) fn has_body(operation: &Operation) -> bool {
    operation.request_body.is_some()
}

pub(in crate::http) fn has_parameter(
    operation: &Operation,
    is_it: impl Fn(&Parameter) -> bool,
) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| match parameter {
        RefOr::T(parameter) => is_it(parameter),
        RefOr::Ref(_) => false,
    })
}
