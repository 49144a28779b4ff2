//! The time of the database, derived from the monotonic clock of this process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::ambient;

/// Each new connection sets it to the time of its server, also after a failover.
pub(in crate::store) struct DatabaseClock {
    start: Instant,
    /// The database's time at `start` in seconds since 1970, as the bits of an `f64`.
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
    /// Sets the clock to a time that the server has just sent, in seconds since 1970. The clock is behind
    /// by the time that the answer travelled, and never ahead.
    pub(in crate::store) fn learn(&self, seconds: f64) {
        let at_start = seconds - self.start.elapsed().as_secs_f64();
        self.seconds_at_start
            .store(at_start.to_bits(), Ordering::Relaxed);
    }

    /// Converts an instant of this process to the database's time, in seconds since 1970. Call it only after
    /// connecting.
    pub(in crate::store) fn seconds(&self, instant: Instant) -> f64 {
        let at_start = f64::from_bits(self.seconds_at_start.load(Ordering::Relaxed));
        at_start + instant.saturating_duration_since(self.start).as_secs_f64()
    }
}
