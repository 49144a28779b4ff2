//! Values as people read them.

#![expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "templates pass references"
)]

use time::OffsetDateTime;
use time::UtcOffset;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::domain::{Quota, Scope};
use crate::retry_after::RetryAfter;

const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
const EXACT: &[BorrowedFormatItem<'_>] = format_description!(
    "[day padding:none] [month repr:short] [year], [hour]:[minute]:[second] UTC"
);
const DAY: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year]");
const ISO: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// A timestamp with its zone, such as `31 Jan 2026, 09:30 UTC`.
pub(super) fn timestamp(timestamp: &OffsetDateTime) -> String {
    written(timestamp, TIMESTAMP)
}

/// A timestamp to the second, such as `31 Jan 2026, 09:30:59 UTC`.
pub(super) fn exact(timestamp: &OffsetDateTime) -> String {
    written(timestamp, EXACT)
}

/// The day of a timestamp in UTC, such as `31 Jan 2026`.
pub(super) fn day(timestamp: &OffsetDateTime) -> String {
    written(timestamp, DAY)
}

/// Advice to wait, such as `Try again in 2 minutes.`
pub(super) fn try_again(wait: RetryAfter) -> String {
    let seconds = wait.seconds();
    let (count, unit) = match seconds {
        0..90 => (seconds, "second"),
        90..5400 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3600), "hour"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("Try again in {count} {unit}{plural}.")
}

/// A timestamp as machines read it.
pub(super) fn iso(timestamp: &OffsetDateTime) -> String {
    written(timestamp, ISO)
}

fn written(timestamp: &OffsetDateTime, form: &[BorrowedFormatItem<'_>]) -> String {
    let timestamp = timestamp.to_offset(UtcOffset::UTC);
    // These forms need nothing that a timestamp does not have.
    timestamp.format(form).unwrap_or_default()
}

/// A whole number with its thousands apart, such as `12,345`.
pub(super) fn number(number: &i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if *number < 0 {
        text.insert(0, '-');
    }
    text
}

/// A rate limit in words.
pub(super) fn quota(quota: &Quota) -> String {
    let seconds = quota.window().as_secs();
    let limit = number(&i64::from(quota.limit()));
    match (seconds, quota.window().subsec_millis()) {
        (1, 0) => format!("{limit} per second"),
        (60, 0) => format!("{limit} per minute"),
        (3600, 0) => format!("{limit} per hour"),
        (86400, 0) => format!("{limit} per day"),
        (_, 0) => format!(
            "{limit} per {} s",
            number(&i64::try_from(seconds).unwrap_or(i64::MAX))
        ),
        _ => format!("{limit} per {} ms", quota.window().as_millis()),
    }
}

/// What a scope permits.
pub(super) const fn scope(scope: &Scope) -> &'static str {
    match *scope {
        Scope::ContactsRead => "Find and list contacts.",
        Scope::ContactsWrite => "Create, update and delete contacts.",
        Scope::ContactsErase => "Permanently erase contacts and remove suppressions.",
        Scope::CustomFieldsRead => "View custom field definitions.",
        Scope::CustomFieldsWrite => "Create, update and delete custom field definitions.",
    }
}

/// With a capital letter and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let end = if text.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    format!("{}{end}", capital(text))
}

/// With a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters
        .next()
        .map(|first| first.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}", characters.as_str())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use std::time::Duration;

    use super::*;
    use crate::retry_after::Wait;

    #[test]
    fn values_are_written_as_people_read_them() {
        assert_eq!(
            timestamp(&datetime!(2026-01-31 09:30:59 +1)),
            "31 Jan 2026, 08:30 UTC"
        );
        assert_eq!(
            iso(&datetime!(2026-01-31 09:30:59 UTC)),
            "2026-01-31T09:30:59Z"
        );
        assert_eq!(
            exact(&datetime!(2026-01-31 09:30:59 UTC)),
            "31 Jan 2026, 09:30:59 UTC"
        );
        assert_eq!(day(&datetime!(2026-01-01 00:30 +1)), "31 Dec 2025");
        for (millis, text) in [
            (0, "Try again in 1 second."),
            (1001, "Try again in 2 seconds."),
            (89_000, "Try again in 89 seconds."),
            (90_000, "Try again in 2 minutes."),
            (5_399_000, "Try again in 90 minutes."),
            (5_400_000, "Try again in 2 hours."),
        ] {
            assert_eq!(
                try_again(Wait::Limit(Duration::from_millis(millis)).into()),
                text
            );
        }
        assert_eq!(number(&0), "0");
        assert_eq!(number(&999), "999");
        assert_eq!(number(&1_234_567), "1,234,567");
        assert_eq!(number(&-1000), "-1,000");
        assert_eq!(quota(&"6000/60s".parse().unwrap()), "6,000 per minute");
        assert_eq!(quota(&"5/90s".parse().unwrap()), "5 per 90 s");
        assert_eq!(sentence("is wrong"), "Is wrong.");
    }
}
