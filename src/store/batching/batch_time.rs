//! How long a group takes: what a call may expect that waits for its turn.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A moving average. Zero before the first group.
pub(in crate::store) struct BatchTime {
    micros: AtomicU64,
    /// A group that takes longer is taken for this long: else after an outage no call would have enough
    /// time left, and no group would show that it is over.
    most: Duration,
    batch_size: usize,
}

impl BatchTime {
    /// For groups of so many calls, each of which may take so long in all.
    pub(in crate::store) fn new(deadline: Duration, batch_size: usize) -> Self {
        Self {
            micros: AtomicU64::new(0),
            most: deadline / 4,
            batch_size,
        }
    }

    /// Counts a group. The last few decide.
    pub(in crate::store) fn observe(&self, took: Duration) {
        let took = micros(took.min(self.most));
        // Of two at once one may be lost: it is an estimate.
        let before = self.micros.load(Ordering::Relaxed);
        let after = before - before / 4 + took / 4;
        self.micros.store(after, Ordering::Relaxed);
    }

    /// How long the next one may take.
    pub(in crate::store) fn expected(&self) -> Duration {
        Duration::from_micros(self.micros.load(Ordering::Relaxed))
    }

    /// How many calls may be ahead of one that has so much time left, so that the group with it ends in
    /// time. Another group may be at work already.
    pub(in crate::store) fn calls_within(&self, left: Duration) -> usize {
        let group = micros(self.expected()).max(1);
        let groups = (micros(left) / group).saturating_sub(2);
        let groups = usize::try_from(groups).unwrap_or(usize::MAX);
        groups.saturating_mul(self.batch_size)
    }

    /// How long so many calls take.
    pub(in crate::store) fn time_of(&self, calls: usize) -> Duration {
        let groups = u32::try_from(calls.div_ceil(self.batch_size)).unwrap_or(u32::MAX);
        self.expected().saturating_mul(groups)
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
    fn before_the_first_group_nobody_is_refused() {
        let time = BatchTime::new(5 * SECOND, 100);

        assert!(time.calls_within(SECOND) > 10_000);
    }

    #[test]
    fn it_follows_the_groups_of_late_and_leaves_time_for_the_last_one() {
        let time = BatchTime::new(5 * SECOND, 100);
        for _ in 0..50 {
            time.observe(SECOND / 2);
        }

        // The group at work ends in 0.5 s, eight further ones in 4.5 s, and the last with the call itself in 5 s.
        let calls = time.calls_within(5 * SECOND + SECOND / 10);
        assert_eq!(calls, 800);
        assert_eq!(time.calls_within(SECOND / 10), 0);
    }

    #[test]
    fn calls_take_as_long_as_the_groups_that_they_fill() {
        let time = BatchTime::new(5 * SECOND, 100);
        assert_eq!(time.time_of(1000), Duration::ZERO);
        for _ in 0..100 {
            time.observe(SECOND / 2);
        }
        let group = time.expected();

        assert_eq!(time.time_of(0), Duration::ZERO);
        assert_eq!(time.time_of(1), group);
        assert_eq!(time.time_of(100), group);
        assert_eq!(time.time_of(101), 2 * group);
    }

    #[test]
    fn an_outage_leaves_calls_time_enough_to_find_that_it_is_over() {
        let time = BatchTime::new(5 * SECOND, 100);
        for _ in 0..50 {
            time.observe(100 * SECOND);
        }

        assert!(time.expected() <= 5 * SECOND / 4);
    }
}
