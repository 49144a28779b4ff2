//! The errors that operations have in common, described once. Their examples are made by the code
//! that answers them.

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

/// An error that operations may answer.
pub(in crate::http) struct Refusal {
    error: ApiError,
    /// Where it is described.
    pub(in crate::http) name: &'static str,
    description: &'static str,
    headers: &'static [&'static str],
    /// Which operations may answer it; besides, those whose handler names its status.
    is_of: fn(&Operation) -> bool,
}

impl Refusal {
    pub(in crate::http) fn new(
        error: ApiError,
        name: &'static str,
        description: &'static str,
        headers: &'static [&'static str],
        is_of: fn(&Operation) -> bool,
    ) -> Self {
        Self {
            error,
            name,
            description,
            headers,
            is_of,
        }
    }

    /// The status, as the document writes it.
    pub(in crate::http) fn status(&self) -> String {
        self.error.status_code().as_str().to_owned()
    }

    /// Whether an operation may answer it.
    pub(in crate::http) fn is_of(&self, operation: &Operation) -> bool {
        (self.is_of)(operation) || operation.responses.responses.contains_key(&self.status())
    }

    /// The answer.
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

/// How the errors differ that the operations of all APIs may answer.
pub(in crate::http) struct Common {
    /// The headers of answers to authenticated callers.
    pub(in crate::http) headers: &'static [&'static str],
    /// When the limit is reached.
    pub(in crate::http) rate_limited: &'static str,
    /// What a caller can do while the service is unavailable.
    pub(in crate::http) unavailable: &'static str,
    /// The largest body of one call, in bytes, and what is too large.
    pub(in crate::http) too_large: (usize, &'static str),
}

impl Common {
    /// The errors that the operations of all APIs may answer.
    pub(in crate::http) fn refusals(&self) -> Vec<Refusal> {
        let headers = self.headers;
        let (max_bytes, too_large) = self.too_large;
        vec![
            Refusal::new(
                ApiError::BadRequest("the body is not well-formed JSON".into()),
                "BadRequest",
                "The path, the query or the body cannot be read, or a query parameter is unknown.",
                headers,
                every,
            ),
            Refusal::new(
                ApiError::MethodNotAllowed,
                "MethodNotAllowed",
                "The path takes other methods.",
                &["Allow"],
                every,
            ),
            Refusal::new(
                rate_limited(),
                "RateLimited",
                self.rate_limited,
                &headers::LIMITED,
                every,
            ),
            Refusal::new(
                ApiError::Internal(String::new()),
                "Internal",
                "A defect of the service.",
                headers,
                every,
            ),
            Refusal::new(
                unavailable(),
                "Unavailable",
                self.unavailable,
                &["Retry-After"],
                every,
            ),
            Refusal::new(
                ApiError::PayloadTooLarge { max_bytes },
                "PayloadTooLarge",
                too_large,
                headers,
                has_body,
            ),
            Refusal::new(
                ApiError::UnsupportedMediaType,
                "UnsupportedMediaType",
                "The body is not plain JSON.",
                headers,
                has_body,
            ),
            Refusal::new(
                invalid_email(),
                "Invalid",
                "Some values are wrong. `details.errors` names the first 20 bad fields.",
                headers,
                has_body,
            ),
        ]
    }
}

/// The error of a bad e-mail address.
pub(in crate::http) fn invalid_email() -> ApiError {
    let reason = Email::parse("jane@").err().map(|error| error.to_string());
    let error = FieldError::new("email", &reason.unwrap_or_default());
    ApiError::Invalid(vec![error])
}

/// The error of a key whose limit is used up.
#[expect(clippy::expect_used, reason = "a limit within its bounds")]
fn rate_limited() -> ApiError {
    ApiError::RateLimited {
        quota: Quota::new(600, Duration::from_mins(1)).expect("a limit"),
        retry_after: one_second(),
    }
}

/// The error of a call that cannot be made now.
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
