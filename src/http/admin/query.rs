//! Values of the parameters of a query.

use time::OffsetDateTime;

use crate::domain::timestamp;
use crate::http::shared::{ApiError, NO_TIMESTAMP};

/// A text, which Postgres can compare: without U+0000.
pub(super) fn parse_text(name: &str, value: &str) -> Result<String, ApiError> {
    if value.contains('\0') {
        let message = format!("{name} must not hold U+0000");
        return Err(ApiError::BadRequest(message.into()));
    }
    Ok(value.to_owned())
}

/// A timestamp in the form of RFC 3339.
pub(super) fn parse_timestamp(name: &str, value: &str) -> Result<OffsetDateTime, ApiError> {
    timestamp::parse(value).ok_or_else(|| {
        let message = format!("{name} {NO_TIMESTAMP}");
        ApiError::BadRequest(message.into())
    })
}
