//! What time it is for Postgres, by a clock of this process that nobody sets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::ambient;

/// Learns the time with each new connection: that of the server it leads to, after a failover too.
pub(in crate::store) struct DatabaseClock {
    start: Instant,
    /// Seconds since 1970 at `start`, by the database's clock: the bits of an `f64`.
    seconds_at_start: AtomicU64,
}

impl Default for DatabaseClock {
    fn default() -> Self {
        Self {
            start: ambient::instant(),
            seconds_at_start: AtomicU64::default(),
        }
    }
}

impl DatabaseClock {
    /// Learns that an answer of now says this: seconds since 1970. The answer was under way, so the
    /// clock is late by that, never early.
    pub(in crate::store) fn learn(&self, seconds: f64) {
        let at_start = seconds - self.start.elapsed().as_secs_f64();
        self.seconds_at_start
            .store(at_start.to_bits(), Ordering::Relaxed);
    }

    /// Converts an instant to seconds since 1970 on the clock of the database; known once there is a connection.
    pub(in crate::store) fn seconds(&self, instant: Instant) -> f64 {
        let at_start = f64::from_bits(self.seconds_at_start.load(Ordering::Relaxed));
        at_start + instant.saturating_duration_since(self.start).as_secs_f64()
    }
}
