//! Reads the values of query parameters.

use time::OffsetDateTime;

use crate::domain::timestamp;
use crate::http::shared::{ApiError, NOT_A_TIMESTAMP};

/// Reads a text without U+0000, which Postgres cannot store.
pub(super) fn parse_text(name: &str, value: &str) -> Result<String, ApiError> {
    if value.contains('\0') {
        let message = format!("{name} must not hold U+0000");
        return Err(ApiError::BadRequest(message.into()));
    }
    Ok(value.to_owned())
}

/// Reads a timestamp (RFC 3339).
pub(super) fn parse_timestamp(name: &str, value: &str) -> Result<OffsetDateTime, ApiError> {
    timestamp::parse(value).ok_or_else(|| {
        let message = format!("{name} {NOT_A_TIMESTAMP}");
        ApiError::BadRequest(message.into())
    })
}
