//! The meters of all API keys in use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::KeyMeter;
use crate::domain::{ClientId, CompanyId, UsageReading};

/// One meter per API key in use in this process.
pub struct Meters {
    meters: Mutex<HashMap<ClientId, Arc<KeyMeter>>>,
    capacity: usize,
}

impl Meters {
    /// Creates a registry of at most `capacity` meters. Requests of further keys are not counted. The capacity is
    /// reached only if the database is unavailable for long.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            meters: Mutex::default(),
            capacity,
        }
    }

    /// Returns the meter of a key. It is the same meter as long as a reference to it exists.
    pub fn for_key(&self, company: CompanyId, client: &ClientId) -> Arc<KeyMeter> {
        let mut meters = self.lock();
        if let Some(meter) = meters.get(client) {
            return Arc::clone(meter);
        }
        let meter = Arc::new(KeyMeter::new(company, client.clone()));
        if meters.len() < self.capacity {
            meters.insert(client.clone(), Arc::clone(&meter));
        }
        meter
    }

    /// Reads all meters and drops those without another reference.
    pub(super) fn read(&self) -> Vec<UsageReading> {
        let mut readings = Vec::new();
        self.lock().retain(|_, meter| {
            // A meter without another reference counts no more requests: only `for_key` hands meters out, and it
            // waits for this lock.
            let is_held = Arc::strong_count(meter) > 1;
            readings.extend(meter.read());
            is_held
        });
        readings
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientId, Arc<KeyMeter>>> {
        // A poisoned lock is safe to use: no code panics while it changes the map.
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
