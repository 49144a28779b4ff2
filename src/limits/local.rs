//! The limiter of one process.

use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use super::{Decision, Meter};
use crate::ambient::Stopwatch;
use crate::domain::Quota;

/// The longest window of a quota: afterwards a meter is empty anyway.
const FORGET_AFTER: Duration = Duration::from_hours(24);
/// Beyond this many, the meters that were used longest ago are forgotten.
const CAPACITY: u64 = 200_000;

/// Meters in memory, one for each name.
pub struct LocalLimiter<K> {
    meters: Cache<K, Arc<Mutex<Meter>>>,
    clock: Stopwatch,
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> Default for LocalLimiter<K> {
    fn default() -> Self {
        let meters = Cache::builder()
            .max_capacity(CAPACITY)
            .time_to_idle(FORGET_AFTER)
            .build();
        Self {
            meters,
            clock: Stopwatch::default(),
        }
    }
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> LocalLimiter<K> {
    /// Takes `cost` requests from the quota of `name`.
    pub fn take(&self, name: &K, quota: Quota, cost: u32) -> Decision {
        let meter = self.meters.get_with_by_ref(name, || {
            Arc::new(Mutex::new(Meter {
                used: 0.0,
                at: self.clock.micros(),
            }))
        });
        // A meter is replaced as a whole: after a panic elsewhere it is still a meter.
        let mut meter = meter.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, decision) = meter.take(quota, cost, self.clock.micros());
        *meter = next;
        decision
    }

    /// Gives `cost` requests back to the quota of `name`.
    pub fn give_back(&self, name: &K, cost: u32) {
        if let Some(meter) = self.meters.get(name) {
            let mut meter = meter.lock().unwrap_or_else(PoisonError::into_inner);
            meter.used = (meter.used - f64::from(cost)).max(0.0);
        }
    }

    /// Gives all back that was taken from the quota of `name`.
    pub fn forget(&self, name: &K) {
        self.meters.invalidate(name);
    }
}
