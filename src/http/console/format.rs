//! Values as pages display them. Times are in UTC.

#![expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "templates pass references"
)]

use time::OffsetDateTime;
use time::UtcOffset;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::domain::{ClientId, Quota, Scope};
use crate::retry_after::RetryAfter;

type Format = &'static [BorrowedFormatItem<'static>];

/// A timestamp to the minute, such as `31 Jan 2026, 09:30 UTC`.
pub(super) fn timestamp(timestamp: &OffsetDateTime) -> String {
    const FORMAT: Format =
        format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
    in_utc(timestamp, FORMAT)
}

/// A timestamp to the second, such as `31 Jan 2026, 09:30:59 UTC`.
pub(super) fn timestamp_with_seconds(timestamp: &OffsetDateTime) -> String {
    const FORMAT: Format = format_description!(
        "[day padding:none] [month repr:short] [year], [hour]:[minute]:[second] UTC"
    );
    in_utc(timestamp, FORMAT)
}

/// The date of a timestamp, such as `31 Jan 2026`.
pub(super) fn date(timestamp: &OffsetDateTime) -> String {
    const FORMAT: Format = format_description!("[day padding:none] [month repr:short] [year]");
    in_utc(timestamp, FORMAT)
}

/// A timestamp for machines, such as `2026-01-31T09:30:59Z`.
pub(super) fn iso(timestamp: &OffsetDateTime) -> String {
    const FORMAT: Format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    in_utc(timestamp, FORMAT)
}

fn in_utc(timestamp: &OffsetDateTime, format: Format) -> String {
    // These formats need no component that a timestamp lacks, so formatting cannot fail.
    timestamp
        .to_offset(UtcOffset::UTC)
        .format(format)
        .unwrap_or_default()
}

/// When to retry, such as `Try again in 2 minutes.`
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

/// The part of a token that is not secret, such as `mn-abcdefghijkl-…`.
pub(super) fn key_hint(client: &ClientId) -> String {
    format!("mn-{client}-…")
}

/// The rate limit of a key or company: its own, or the default of the service.
pub(super) fn rate_limit(own: Option<&Quota>, default: &Quota) -> String {
    own.map_or_else(|| format!("{} (default)", quota(default)), quota)
}

/// A whole number with thousands separators, such as `12,345`.
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

/// A rate limit, such as `600 per minute`.
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

/// What a scope allows.
pub(super) const fn scope(scope: &Scope) -> &'static str {
    match *scope {
        Scope::ContactsRead => "Find and list contacts.",
        Scope::ContactsWrite => "Create, update and delete contacts.",
        Scope::ContactsErase => "Permanently erase contacts and remove suppressions.",
        Scope::CustomFieldsRead => "View custom field definitions.",
        Scope::CustomFieldsWrite => "Create, update and delete custom field definitions.",
    }
}

/// A text as a sentence: with a capital letter and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let is_complete = text.ends_with(['.', '?', '!']);
    capital(text) + if is_complete { "" } else { "." }
}

/// A text with a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next();
    let first = first.map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use std::time::Duration;

    use super::*;
    use crate::retry_after::Wait;

    #[test]
    fn values_are_formatted_for_people() {
        assert_eq!(
            timestamp(&datetime!(2026-01-31 09:30:59 +1)),
            "31 Jan 2026, 08:30 UTC"
        );
        assert_eq!(
            iso(&datetime!(2026-01-31 09:30:59 UTC)),
            "2026-01-31T09:30:59Z"
        );
        assert_eq!(
            timestamp_with_seconds(&datetime!(2026-01-31 09:30:59 UTC)),
            "31 Jan 2026, 09:30:59 UTC"
        );
        assert_eq!(date(&datetime!(2026-01-01 00:30 +1)), "31 Dec 2025");
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
