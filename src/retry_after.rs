//! When a caller who was refused for now should come back: `Retry-After` (RFC 9110, section 10.2.3).
//!
//! Whoever refuses says with a [`Wait`] what it knows about the end of the cause. The value that a caller
//! gets is made of it here and nowhere else.

use std::fmt;
use std::time::Duration;

use rand::RngExt;

use crate::ambient;

/// The shortest wait, where nothing better is known.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest wait for something whose end nobody knows.
const LONGEST_OUTAGE: Duration = Duration::from_secs(10);
/// The longest wait for calls that are ahead: their number and their speed change meanwhile.
const LONGEST_QUEUE: Duration = Duration::from_mins(1);
/// How long to wait for an identity provider, of which nothing is known.
const IDENTITY_PROVIDER: Duration = Duration::from_secs(5);
/// The least time over which callers that were refused together are spread.
const LEAST_SPREAD: Duration = Duration::from_secs(2);

/// Why a call is refused for now, and what is known about the end of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// A limit admits the same call after this time, and not earlier.
    Limit(Duration),
    /// The calls that are ahead take this long.
    Queue(Duration),
    /// It has lasted this long, and nobody knows how much longer: the database is out of reach, say.
    Outage(Duration),
    /// The identity provider does not answer.
    IdentityProvider,
    /// Other calls will end soon, or another replica is ready.
    Soon,
}

/// The seconds that a caller is told to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter(u64);

/// A call cannot be made now; making it again is safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    /// Why, for the log.
    pub cause: String,
    /// What is known about the end of it.
    pub wait: Wait,
}

impl Wait {
    /// The value of `Retry-After`. `random`, from 0 to below 1, spreads callers that were refused together: only
    /// upward, since nobody should come back too early. A limit tells each caller its own time, and
    /// exactly that.
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
    /// Each call of it gives another caller another time.
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
    /// With what is known about the end of it.
    pub fn new(cause: impl Into<String>, wait: Wait) -> Self {
        Self {
            cause: cause.into(),
            wait,
        }
    }

    /// Where nothing is known about the end of it.
    pub fn retry_soon(cause: impl Into<String>) -> Self {
        Self::new(cause, Wait::Soon)
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.cause)
    }
}

/// A time in whole seconds, rounded up, and at least one.
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

    /// The least and the greatest value.
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
    fn a_queue_takes_the_time_of_the_calls_ahead_and_up_to_half_of_it_more() {
        assert_eq!(bounds(Wait::Queue(Duration::ZERO)), (1, 3));
        assert_eq!(bounds(Wait::Queue(SECOND / 2)), (1, 3));
        assert_eq!(bounds(Wait::Queue(4 * SECOND)), (4, 6));
        assert_eq!(bounds(Wait::Queue(10 * SECOND)), (10, 15));
        assert_eq!(bounds(Wait::Queue(600 * SECOND)), (60, 90));
    }

    #[test]
    fn an_outage_is_waited_for_as_long_as_it_has_lasted_within_bounds() {
        assert_eq!(bounds(Wait::Outage(Duration::ZERO)), (1, 3));
        assert_eq!(bounds(Wait::Outage(2 * SECOND)), (2, 4));
        assert_eq!(bounds(Wait::Outage(8 * SECOND)), (8, 12));
        assert_eq!(bounds(Wait::Outage(3600 * SECOND)), (10, 15));
    }

    #[test]
    fn where_nothing_is_known_the_wait_is_short() {
        assert_eq!(bounds(Wait::Soon), (1, 3));
        assert_eq!(bounds(Wait::IdentityProvider), (5, 8));
    }

    #[test]
    fn callers_that_are_refused_together_come_back_at_different_times() {
        let wait = Wait::Outage(10 * SECOND);
        let values = (0..1000).map(|_| RetryAfter::from(wait).seconds());
        let mut values: Vec<u64> = values.collect();
        values.sort_unstable();
        values.dedup();

        assert_eq!(values, [10, 11, 12, 13, 14, 15]);
    }
}
