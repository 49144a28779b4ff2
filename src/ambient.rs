//! The clock and the source of randomness. All other modules take time and randomness as arguments or from here;
//! `clippy.toml` bans direct calls.
#![expect(
    clippy::disallowed_methods,
    reason = "this module is the only one that may call them"
)]

pub mod request_time;

use std::time::{Duration, Instant};

use rand::{CryptoRng, RngExt};
use time::OffsetDateTime;

/// The current time in UTC, truncated to microseconds as in Postgres: a timestamp in a response is equal to the one
/// that is read later.
#[must_use]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc().truncate_to_microsecond()
}

/// Microseconds since 1970: a cheaper [`now`] for hot paths.
#[must_use]
pub fn unix_micros() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    // A clock before 1970 is wrong and counts as 1970. 64 bits are enough for 290,000 years.
    since.map_or(0, |since| {
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    })
}

/// A point in time on the monotonic clock.
#[must_use]
pub fn instant() -> Instant {
    Instant::now()
}

/// Measures the time since it was created.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Default for Stopwatch {
    fn default() -> Self {
        Self(instant())
    }
}

impl Stopwatch {
    /// The time since the stopwatch was created.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// The microseconds since the stopwatch was created.
    #[must_use]
    pub fn micros(&self) -> u64 {
        // 64 bits are enough for half a million years.
        u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// A cryptographically secure source of randomness.
#[must_use]
pub fn random() -> impl CryptoRng {
    rand::rng()
}

/// A random duration from half of `pause` to all of it, so that callers that failed together do not retry together.
#[must_use]
pub fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(0.5..=1.0))
}
