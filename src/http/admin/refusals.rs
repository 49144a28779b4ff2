//! The errors that operations of the admin API have in common.

use utoipa::openapi::path::ParameterIn;

use super::needs_a_session;
use crate::http::openapi::headers;
use crate::http::openapi::refusals::{Refusal, every, has_body, has_parameter, none};
use crate::http::public::examples;
use crate::http::shared::error::ApiError;

/// All of them.
pub(in crate::http) fn all() -> Vec<Refusal> {
    of_every_operation().into_iter().chain(of_some()).collect()
}

fn of_every_operation() -> [Refusal; 5] {
    [
        Refusal::new(
            ApiError::BadRequest("the body is not well-formed JSON".into()),
            "BadRequest",
            "The path, the query or the body cannot be read, or a query parameter is unknown.",
            &[],
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
            examples::rate_limited(),
            "RateLimited",
            "The administrator's limit is used up, or the address or the account had too many attempts.",
            &headers::LIMITED,
            every,
        ),
        Refusal::new(
            ApiError::Internal(String::new()),
            "Internal",
            "A defect of the service.",
            &[],
            every,
        ),
        Refusal::new(
            examples::unavailable(),
            "Unavailable",
            "The service cannot do it now.",
            &["Retry-After"],
            every,
        ),
    ]
}

fn of_some() -> [Refusal; 7] {
    [
        Refusal::new(
            ApiError::NotSignedIn,
            "Unauthorized",
            "Access token, refresh token or password are not good, or no more.",
            &["WWW-Authenticate"],
            needs_a_session,
        ),
        Refusal::new(
            ApiError::Denied("only operators create companies"),
            "Forbidden",
            "The role does not permit it, or the company of the administrator is suspended.",
            &headers::AUTHENTICATED,
            needs_a_session,
        ),
        Refusal::new(
            ApiError::NoSuch("company"),
            "NotFound",
            "It is not there, or not in the administrator's reach.",
            &headers::AUTHENTICATED,
            |operation| has_parameter(operation, |it| it.parameter_in == ParameterIn::Path),
        ),
        Refusal::new(
            ApiError::AdminEmailTaken,
            "DuplicateResource",
            "Another administrator has this e-mail address; the key is not in use, or was rotated before; the company has as many live keys as it may; or the administrator is the last operator, or accepted the invitation.",
            &headers::AUTHENTICATED,
            none,
        ),
        Refusal::new(
            ApiError::PayloadTooLarge {
                max_bytes: 16 * 1024,
            },
            "PayloadTooLarge",
            "The body is larger than 16 KiB.",
            &[],
            has_body,
        ),
        Refusal::new(
            ApiError::UnsupportedMediaType,
            "UnsupportedMediaType",
            "The body is not plain JSON.",
            &[],
            has_body,
        ),
        Refusal::new(
            examples::invalid_email(),
            "Invalid",
            "Some values are wrong. `details.errors` names the first 20 bad fields.",
            &[],
            has_body,
        ),
    ]
}
