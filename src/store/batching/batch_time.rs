//! The expected duration of a batch, which bounds how many calls may wait.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A moving average of the durations of batches. Zero before the first batch.
pub(in crate::store) struct BatchTime {
    micros: AtomicU64,
    /// The longest duration that counts. Without it, the average after an outage would exceed every
    /// deadline: all calls would be refused, and no batch would run and show that the outage is over.
    most: Duration,
    batch_size: usize,
}

impl BatchTime {
    /// For batches of up to `batch_size` calls that have this deadline.
    pub(in crate::store) fn new(deadline: Duration, batch_size: usize) -> Self {
        Self {
            micros: AtomicU64::new(0),
            most: deadline / 4,
            batch_size,
        }
    }

    /// Adds the duration of a batch to the average, with a weight of a quarter.
    pub(in crate::store) fn observe(&self, took: Duration) {
        let took = micros(took.min(self.most));
        // Two concurrent updates may lose one: this is an estimate.
        let before = self.micros.load(Ordering::Relaxed);
        let after = before - before / 4 + took / 4;
        self.micros.store(after, Ordering::Relaxed);
    }

    /// The expected duration of the next batch.
    pub(in crate::store) fn expected(&self) -> Duration {
        Duration::from_micros(self.micros.load(Ordering::Relaxed))
    }

    /// How many calls may be ahead of a call with this time left, so that its batch still finishes in
    /// time. A batch may be running already.
    pub(in crate::store) fn calls_within(&self, left: Duration) -> usize {
        let batch = micros(self.expected()).max(1);
        let batches = (micros(left) / batch).saturating_sub(2);
        let batches = usize::try_from(batches).unwrap_or(usize::MAX);
        batches.saturating_mul(self.batch_size)
    }

    /// The expected duration of this many calls.
    pub(in crate::store) fn time_of(&self, calls: usize) -> Duration {
        let batches = u32::try_from(calls.div_ceil(self.batch_size)).unwrap_or(u32::MAX);
        self.expected().saturating_mul(batches)
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn no_call_is_refused_before_the_first_batch() {
        let time = BatchTime::new(5 * SECOND, 100);

        assert!(time.calls_within(SECOND) > 10_000);
    }

    #[test]
    fn it_follows_recent_batches_and_leaves_time_for_the_last_one() {
        let time = BatchTime::new(5 * SECOND, 100);
        for _ in 0..50 {
            time.observe(SECOND / 2);
        }

        // The running batch finishes after 0.5 s, eight more after 4.5 s, and the call's own batch after 5 s.
        let calls = time.calls_within(5 * SECOND + SECOND / 10);
        assert_eq!(calls, 800);
        assert_eq!(time.calls_within(SECOND / 10), 0);
    }

    #[test]
    fn calls_take_as_long_as_the_batches_that_they_fill() {
        let time = BatchTime::new(5 * SECOND, 100);
        assert_eq!(time.time_of(1000), Duration::ZERO);
        for _ in 0..100 {
            time.observe(SECOND / 2);
        }
        let batch = time.expected();

        assert_eq!(time.time_of(0), Duration::ZERO);
        assert_eq!(time.time_of(1), batch);
        assert_eq!(time.time_of(100), batch);
        assert_eq!(time.time_of(101), 2 * batch);
    }

    #[test]
    fn after_an_outage_calls_have_enough_time_for_a_batch() {
        let time = BatchTime::new(5 * SECOND, 100);
        for _ in 0..50 {
            time.observe(100 * SECOND);
        }

        assert!(time.expected() <= 5 * SECOND / 4);
    }
}
