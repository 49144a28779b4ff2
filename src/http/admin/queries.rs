//! Values of the parameters of a query, and what bodies read alike.

use time::OffsetDateTime;

use crate::domain::timestamp;
use crate::http::shared::error::ApiError;

/// What is wrong with what is no moment.
pub(super) const NO_MOMENT: &str =
    "must be a moment in RFC 3339 form, such as 2030-01-31T09:30:00Z";

/// A text, which Postgres can compare: without U+0000.
pub(super) fn text(name: &str, value: &str) -> Result<String, ApiError> {
    if value.contains('\0') {
        let message = format!("{name} must not hold U+0000");
        return Err(ApiError::BadRequest(message.into()));
    }
    Ok(value.to_owned())
}

/// A moment in the form of RFC 3339.
pub(super) fn moment(name: &str, value: &str) -> Result<OffsetDateTime, ApiError> {
    timestamp::parse(value).ok_or_else(|| {
        let message = format!("{name} {NO_MOMENT}");
        ApiError::BadRequest(message.into())
    })
}
