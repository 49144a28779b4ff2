//! The common errors of the admin API.

use utoipa::openapi::path::{Operation, ParameterIn};

use crate::http::openapi::common_errors::{Common, CommonError, has_parameter, none};
use crate::http::openapi::headers::AUTHENTICATED;
use crate::http::shared::{Administrative, ApiError, BodyLimit};

/// The common errors.
pub(super) fn common_errors() -> Vec<CommonError> {
    let common = Common {
        headers: &[],
        rate_limited: "The administrator's limit was reached, or there were too many attempts from this address or for this account.",
        unavailable: "The service is temporarily unavailable.",
        too_large: (Administrative::MAX_BYTES, "The body is larger than 16 KiB."),
    };
    let mut errors = common.errors();
    errors.extend([
        CommonError {
            error: ApiError::NotSignedIn,
            name: "Unauthorized",
            description: "The access token, refresh token or password is wrong or expired.",
            headers: &["WWW-Authenticate"],
            is_of: needs_a_session,
        },
        CommonError {
            error: ApiError::Denied("only operators create companies"),
            name: "Forbidden",
            description: "The role does not allow this, or the administrator's company is suspended.",
            headers: &AUTHENTICATED,
            is_of: needs_a_session,
        },
        CommonError {
            error: ApiError::NoSuch("company"),
            name: "NotFound",
            description: "It does not exist, or the administrator does not manage it.",
            headers: &AUTHENTICATED,
            is_of: |operation| has_parameter(operation, |it| it.parameter_in == ParameterIn::Path),
        },
        CommonError {
            error: ApiError::AdminEmailTaken,
            name: "DuplicateResource",
            description: "Another administrator has this e-mail address; the key is not active, or was already rotated; the company has the maximum number of active keys; the administrator is the last operator; or they already accepted the invitation.",
            headers: &AUTHENTICATED,
            is_of: none,
        },
    ]);
    errors
}

/// Whether an operation needs an access token.
pub(super) fn needs_a_session(operation: &Operation) -> bool {
    let security = operation.security.iter().flatten();
    security.count() > 0
}
