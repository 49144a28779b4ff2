//! The errors that operations of the admin API have in common.

use utoipa::openapi::path::{Operation, ParameterIn};

use crate::http::openapi::headers::AUTHENTICATED;
use crate::http::openapi::refusals::{Common, Refusal, has_parameter, none};
use crate::http::shared::{Administrative, ApiError, BodyLimit};

/// All of them.
pub(super) fn refusals() -> Vec<Refusal> {
    let common = Common {
        headers: &[],
        rate_limited: "The administrator's limit is used up, or the address or the account had too many attempts.",
        unavailable: "The service cannot do it now.",
        too_large: (Administrative::MAX_BYTES, "The body is larger than 16 KiB."),
    };
    let mut refusals = common.refusals();
    refusals.extend([
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
            &AUTHENTICATED,
            needs_a_session,
        ),
        Refusal::new(
            ApiError::NoSuch("company"),
            "NotFound",
            "It is not there, or not in the administrator's reach.",
            &AUTHENTICATED,
            |operation| has_parameter(operation, |it| it.parameter_in == ParameterIn::Path),
        ),
        Refusal::new(
            ApiError::AdminEmailTaken,
            "DuplicateResource",
            "Another administrator has this e-mail address; the key is not in use, or was rotated before; the company has as many live keys as it may; or the administrator is the last operator, or accepted the invitation.",
            &AUTHENTICATED,
            none,
        ),
    ]);
    refusals
}

/// Whether an operation takes an access token.
pub(super) fn needs_a_session(operation: &Operation) -> bool {
    let security = operation.security.iter().flatten();
    security.count() > 0
}
