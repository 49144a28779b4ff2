//! The rate limiter in the memory of one process.

use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use super::{Cost, Decision, Meter};
use crate::ambient::Stopwatch;
use crate::domain::{ClientId, CompanyId, KeyAndCompany, Quota};

/// The longest window of a quota. A meter that was not used for this long is empty.
const FORGET_AFTER: Duration = Duration::from_hours(24);
/// The maximum number of meters. Beyond it the least recently used meters are dropped.
const CAPACITY: u64 = 200_000;

/// Meters in memory, one per name.
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
        let meter = self.meter(name);
        let mut meter = lock(&meter);
        let (next, decision) = meter.take(quota, cost, self.clock.micros());
        *meter = next;
        decision
    }

    /// Refunds `cost` requests to the quota of `name`.
    pub fn give_back(&self, name: &K, cost: u32) {
        if let Some(meter) = self.meters.get(name) {
            let mut meter = meter.lock().unwrap_or_else(PoisonError::into_inner);
            meter.used = (meter.used - f64::from(cost)).max(0.0);
        }
    }

    /// Resets the quota of `name`.
    pub fn forget(&self, name: &K) {
        self.meters.invalidate(name);
    }

    fn meter(&self, name: &K) -> Arc<Mutex<Meter>> {
        self.meters.get_with_by_ref(name, || {
            Arc::new(Mutex::new(Meter {
                used: 0.0,
                at: self.clock.micros(),
            }))
        })
    }
}

/// The owner of a rate limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Limited {
    /// An API key.
    Key(ClientId),
    /// All keys of a company.
    Company(CompanyId),
}

impl LocalLimiter<Limited> {
    /// Takes the cost of a request from the quotas of a key and of its company, or nothing from either.
    #[must_use]
    pub fn take_both(
        &self,
        client: &ClientId,
        company: CompanyId,
        quotas: KeyAndCompany<Quota>,
        cost: Cost,
    ) -> KeyAndCompany<Decision> {
        let key = self.meter(&Limited::Key(client.clone()));
        let company = self.meter(&Limited::Company(company));
        // The locks are always taken in this order, so that no deadlock is possible.
        let (mut key, mut company) = (lock(&key), lock(&company));
        let meters = KeyAndCompany {
            key: *key,
            company: *company,
        };
        let (next, decisions) = meters.take(quotas, cost, self.clock.micros());
        (*key, *company) = (next.key, next.company);
        decisions
    }
}

fn lock(meter: &Mutex<Meter>) -> MutexGuard<'_, Meter> {
    // A poisoned lock is safe to use: a meter is only replaced as a whole.
    meter.lock().unwrap_or_else(PoisonError::into_inner)
}
