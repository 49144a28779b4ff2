//! The limiter of one process.

use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use super::{Cost, Decision, Meter};
use crate::ambient::Stopwatch;
use crate::domain::{ClientId, CompanyId, KeyAndCompany, Quota};

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
        let meter = self.meter(name);
        let mut meter = lock(&meter);
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

    fn meter(&self, name: &K) -> Arc<Mutex<Meter>> {
        self.meters.get_with_by_ref(name, || {
            Arc::new(Mutex::new(Meter {
                used: 0.0,
                at: self.clock.micros(),
            }))
        })
    }
}

/// What has a limit of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Limited {
    /// An API key.
    Key(ClientId),
    /// All keys of a company.
    Company(CompanyId),
}

impl LocalLimiter<Limited> {
    /// Takes what a request costs from a key's quota and from its company's, or nothing from either.
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
        // Always in this order: a key has one company, so nobody waits for each other.
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
    // A meter is replaced as a whole: after a panic elsewhere it is still a meter.
    meter.lock().unwrap_or_else(PoisonError::into_inner)
}
