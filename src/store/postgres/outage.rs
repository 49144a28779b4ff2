//! How long the database has been failing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::error::StoreError;
use crate::ambient::Stopwatch;
use crate::retry_after::{Unavailable, Wait};

/// An outage. The next successful call ends it.
#[derive(Default)]
pub(in crate::store) struct Outage {
    clock: Stopwatch,
    /// When it began: microseconds on the clock, plus one. Zero means no outage.
    began: AtomicU64,
}

impl Outage {
    /// Records a successful call. Only reads if there is no outage, which is the usual case.
    pub(in crate::store) fn end(&self) {
        if self.began.load(Ordering::Relaxed) != 0 {
            self.began.store(0, Ordering::Relaxed);
        }
    }

    /// Adds the duration of the outage to the error of a call.
    pub(in crate::store) fn explain(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::Unavailable(Unavailable {
                cause,
                wait: Wait::Soon,
            }) => {
                let wait = Wait::Outage(self.lasted(self.clock.micros()));
                StoreError::Unavailable(Unavailable { cause, wait })
            }
            StoreError::Unavailable(_) => error,
            StoreError::TooLarge(_) | StoreError::Defect(_) | StoreError::ActorDisabled => {
                self.end();
                error
            }
        }
    }

    /// The duration of the outage at a time on the clock. If there was none, one begins.
    fn lasted(&self, now: u64) -> Duration {
        let now = now.saturating_add(1);
        let began = self
            .began
            .compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed)
            .map_or_else(|began| began, |_| now);
        Duration::from_micros(now.saturating_sub(began))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lasts_from_the_first_failure_to_the_next_success() {
        let outage = Outage::default();
        let lasted = |micros| outage.lasted(micros);

        assert_eq!(lasted(5), Duration::ZERO);
        assert_eq!(lasted(1_000_005), Duration::from_secs(1));
        assert_eq!(lasted(3_000_005), Duration::from_secs(3));
        outage.end();
        assert_eq!(lasted(9_000_000), Duration::ZERO);
        assert_eq!(lasted(9_500_000), Duration::from_millis(500));
    }

    #[test]
    fn an_error_that_the_database_answered_with_ends_it() {
        let outage = Outage::default();
        outage.lasted(5);

        outage.explain(StoreError::Defect("SQLSTATE 42501".to_owned()));

        assert_eq!(outage.lasted(9_000_000), Duration::ZERO);
    }

    #[test]
    fn what_is_known_better_stays() {
        let outage = Outage::default();
        let of = |wait| StoreError::Unavailable(Unavailable::new("why", wait));
        let explained = |wait| match outage.explain(of(wait)) {
            StoreError::Unavailable(unavailable) => unavailable.wait,
            _ => unreachable!("it stays what it is"),
        };

        let queue = Wait::Queue(Duration::from_secs(4));
        assert_eq!(explained(queue), queue);
        assert!(matches!(explained(Wait::Soon), Wait::Outage(_)));
    }
}
