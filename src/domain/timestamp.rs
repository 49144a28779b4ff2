//! The one form in which callers see a timestamp: RFC 3339 in UTC, always with six digits of fraction.

use serde::{Serialize, Serializer};
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

const FORM: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// The text of a timestamp, such as `2026-01-31T09:30:00.000000Z`.
#[must_use]
pub fn text(timestamp: OffsetDateTime) -> String {
    let timestamp = timestamp.to_offset(UtcOffset::UTC);
    // The form needs nothing that a timestamp does not have.
    timestamp.format(FORM).unwrap_or_default()
}

/// Reads a timestamp in any spelling of RFC 3339. That form has no year after 9999, and in UTC there
/// must be none either.
#[must_use]
pub fn parse(text: &str) -> Option<OffsetDateTime> {
    let timestamp = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    timestamp.checked_to_offset(UtcOffset::UTC)
}

/// For `#[serde(serialize_with = "timestamp::serialize")]`.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(
    timestamp: &OffsetDateTime,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*timestamp))
}

/// For `#[serde(serialize_with = "timestamp::serialize_optional")]`.
///
/// # Errors
/// Those of the serializer.
pub fn serialize_optional<S: Serializer>(
    timestamp: &Option<OffsetDateTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    timestamp.map(text).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::{parse, text};

    #[test]
    fn a_timestamp_has_six_digits_of_fraction_and_is_in_utc() {
        for (timestamp, expected) in [
            (
                datetime!(2026-01-31 9:30 UTC),
                "2026-01-31T09:30:00.000000Z",
            ),
            (
                datetime!(2026-01-31 9:30:00.1 UTC),
                "2026-01-31T09:30:00.100000Z",
            ),
            (
                datetime!(2026-01-31 9:30:00.000_001 UTC),
                "2026-01-31T09:30:00.000001Z",
            ),
            (
                datetime!(2026-01-31 23:30:00.123_456_789 -1:00),
                "2026-02-01T00:30:00.123456Z",
            ),
        ] {
            assert_eq!(text(timestamp), expected);
        }
    }

    #[test]
    fn the_spellings_of_one_instant_are_equal() {
        let instant = parse("2026-01-31T09:30:00.120000Z");
        assert!(instant.is_some());
        assert_eq!(parse("2026-01-31T09:30:00.12Z"), instant);
        assert_eq!(parse("2026-01-31T10:30:00.12+01:00"), instant);
        assert_eq!(parse("9999-12-31T23:59:59-01:00"), None);
        assert_eq!(parse("2026-01-31"), None);
    }
}
