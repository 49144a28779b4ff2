//! The clock and the dice: the only room that reads either. Everybody else takes them as
//! arguments, or from here; `clippy.toml` bans the rest.
#![expect(clippy::disallowed_methods, reason = "this is the room that may")]

pub mod request_time;

use std::time::{Duration, Instant};

use rand::{CryptoRng, RngExt};
use time::OffsetDateTime;

/// The time of day, UTC, as finely as Postgres keeps it: what is shown of a moment when it is made
/// is what is read of it later.
#[must_use]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc().truncate_to_microsecond()
}

/// Microseconds since 1970: [`now`], where a few hundred instructions count.
#[must_use]
pub fn unix_micros() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    // A clock before 1970 is a broken one; 64 bits are enough for 290,000 years.
    since.map_or(0, |since| {
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    })
}

/// A point on a clock that never goes backwards.
#[must_use]
pub fn instant() -> Instant {
    Instant::now()
}

/// Tells the microseconds since it was made.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Default for Stopwatch {
    fn default() -> Self {
        Self(instant())
    }
}

impl Stopwatch {
    /// The time since it was made.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Microseconds since it was made.
    #[must_use]
    pub fn micros(&self) -> u64 {
        // They fit in 64 bits for half a million years.
        u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// A cryptographically secure source of randomness.
#[must_use]
pub fn random() -> impl CryptoRng {
    rand::rng()
}

/// Between half and all of a pause, so that those who failed together do not return together.
#[must_use]
pub fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(0.5..=1.0))
}
