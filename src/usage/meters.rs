//! The meters of all keys in use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::KeyMeter;
use crate::domain::{ClientId, CompanyId, UsageReading};

/// One meter for each key in use in this process.
pub struct Meters {
    meters: Mutex<HashMap<ClientId, Arc<KeyMeter>>>,
    capacity: usize,
}

impl Meters {
    /// No meters yet, and room for so many. Of keys beyond that requests are not counted; that many
    /// are in use at once only if they are not written down for long.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            meters: Mutex::default(),
            capacity,
        }
    }

    /// The meter of a key: the same one for as long as somebody holds it.
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

    /// Reads all meters, and drops those that nobody holds any more.
    pub(super) fn read(&self) -> Vec<UsageReading> {
        let mut readings = Vec::new();
        self.lock().retain(|_, meter| {
            // One that nobody else holds counts no more: only `for_key` gives it out, and that waits.
            let is_held = Arc::strong_count(meter) > 1;
            readings.extend(meter.read());
            is_held
        });
        readings
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientId, Arc<KeyMeter>>> {
        // A map is whole, whoever panicked beside it.
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
