//! `Retry-After` (RFC 9110, section 10.2.3): when a caller should retry a rejected request.
//!
//! The code that rejects a request describes the expected wait as a [`Wait`]. Only this module turns it into the
//! value of the header.

use std::fmt;
use std::time::Duration;

use rand::RngExt;

use crate::ambient;

/// The shortest wait, and the default.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest wait during an outage, whose end is unknown.
const LONGEST_OUTAGE: Duration = Duration::from_secs(10);
/// The longest wait for a queue: its length and speed change meanwhile.
const LONGEST_QUEUE: Duration = Duration::from_mins(1);
/// The wait for an identity provider, whose state is unknown.
const IDENTITY_PROVIDER: Duration = Duration::from_secs(5);
/// The minimum time over which callers that were rejected together are spread.
const LEAST_SPREAD: Duration = Duration::from_secs(2);

/// Why a request is rejected temporarily, and how long that is expected to last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// A limit allows the same request after this time.
    Limit(Duration),
    /// The requests ahead in the queue take this long.
    Queue(Duration),
    /// An outage, for example of the database, has lasted this long. Its end is unknown.
    Outage(Duration),
    /// The identity provider does not answer.
    IdentityProvider,
    /// The cause will end soon: other requests finish, or another replica is ready.
    Soon,
}

/// The value of `Retry-After` in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter(u64);

/// A request cannot be served now. It is safe to retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    /// The cause, for the log.
    pub cause: String,
    /// The expected wait.
    pub wait: Wait,
}

impl Wait {
    /// The value of `Retry-After`. `random`, from 0 to below 1, spreads callers that were rejected together. It only
    /// lengthens the wait, because an early retry fails again. The wait of a limit is exact and not spread.
    #[must_use]
    pub fn retry_after(self, random: f64) -> RetryAfter {
        let least = match self {
            Self::Limit(time) => return RetryAfter(whole_seconds(time)),
            Self::Queue(time) => time.clamp(SHORTEST, LONGEST_QUEUE),
            Self::Outage(lasted) => lasted.clamp(SHORTEST, LONGEST_OUTAGE),
            Self::IdentityProvider => IDENTITY_PROVIDER,
            Self::Soon => SHORTEST,
        };
        let spread = whole_seconds((least / 2).max(LEAST_SPREAD));
        let more = Duration::from_secs(spread + 1).mul_f64(random).as_secs();
        RetryAfter(whole_seconds(least) + more.min(spread))
    }
}

impl RetryAfter {
    /// Whole seconds, at least one.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }
}

impl From<Wait> for RetryAfter {
    /// Draws a random spread for each call.
    fn from(wait: Wait) -> Self {
        wait.retry_after(ambient::random().random())
    }
}

impl fmt::Display for RetryAfter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Unavailable {
    /// Creates an error with a cause and an expected wait.
    pub fn new(cause: impl Into<String>, wait: Wait) -> Self {
        Self {
            cause: cause.into(),
            wait,
        }
    }

    /// Creates an error whose cause will end soon.
    pub fn retry_soon(cause: impl Into<String>) -> Self {
        Self::new(cause, Wait::Soon)
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.cause)
    }
}

/// Rounds a duration up to whole seconds, at least one.
#[must_use]
pub fn whole_seconds(time: Duration) -> u64 {
    time.as_secs()
        .saturating_add(u64::from(time.subsec_nanos() > 0))
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const ALMOST_ONE: f64 = 1.0 - f64::EPSILON;

    /// The smallest and the largest value.
    fn bounds(wait: Wait) -> (u64, u64) {
        let seconds = |random| wait.retry_after(random).seconds();
        (seconds(0.0), seconds(ALMOST_ONE))
    }

    #[test]
    fn a_limit_is_rounded_up_and_never_spread() {
        let of = |millis| bounds(Wait::Limit(Duration::from_millis(millis)));

        assert_eq!(of(0), (1, 1));
        assert_eq!(of(1), (1, 1));
        assert_eq!(of(1000), (1, 1));
        assert_eq!(of(1001), (2, 2));
        assert_eq!(bounds(Wait::Limit(86_400 * SECOND)), (86_400, 86_400));
    }

    #[test]
    fn the_wait_for_a_queue_is_its_expected_time_and_up_to_half_of_it_more() {
        assert_eq!(bounds(Wait::Queue(Duration::ZERO)), (1, 3));
        assert_eq!(bounds(Wait::Queue(SECOND / 2)), (1, 3));
        assert_eq!(bounds(Wait::Queue(4 * SECOND)), (4, 6));
        assert_eq!(bounds(Wait::Queue(10 * SECOND)), (10, 15));
        assert_eq!(bounds(Wait::Queue(600 * SECOND)), (60, 90));
    }

    #[test]
    fn the_wait_during_an_outage_is_its_duration_within_bounds() {
        assert_eq!(bounds(Wait::Outage(Duration::ZERO)), (1, 3));
        assert_eq!(bounds(Wait::Outage(2 * SECOND)), (2, 4));
        assert_eq!(bounds(Wait::Outage(8 * SECOND)), (8, 12));
        assert_eq!(bounds(Wait::Outage(3600 * SECOND)), (10, 15));
    }

    #[test]
    fn a_cause_that_ends_soon_has_a_short_wait() {
        assert_eq!(bounds(Wait::Soon), (1, 3));
        assert_eq!(bounds(Wait::IdentityProvider), (5, 8));
    }

    #[test]
    fn callers_that_are_rejected_together_retry_at_different_times() {
        let wait = Wait::Outage(10 * SECOND);
        let values = (0..1000).map(|_| RetryAfter::from(wait).seconds());
        let mut values: Vec<u64> = values.collect();
        values.sort_unstable();
        values.dedup();

        assert_eq!(values, [10, 11, 12, 13, 14, 15]);
    }
}
