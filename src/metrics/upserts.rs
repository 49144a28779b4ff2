//! Upserts, and their batches.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::LATENCY_BUCKETS;
use crate::domain::Outcome;

const BATCH_BUCKETS: [f64; 9] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0];

/// Metrics of upserts.
pub struct UpsertMetrics {
    outcomes: Family<OutcomeLabel, Counter>,
    queue: Gauge,
    queue_capacity: Gauge,
    batches: Histogram,
    waits: Histogram,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

impl UpsertMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let outcomes = Family::default();
        registry.register(
            "upserts",
            "Upserts that were answered, by outcome",
            outcomes.clone(),
        );
        let queue = Gauge::default();
        registry.register(
            "upsert_queue_depth",
            "Upserts that wait for a transaction",
            queue.clone(),
        );
        let queue_capacity = Gauge::default();
        registry.register(
            "upsert_queue_capacity",
            "Maximum number of upserts that may wait for a transaction",
            queue_capacity.clone(),
        );
        let batches = Histogram::new(BATCH_BUCKETS);
        registry.register(
            "upsert_group_size",
            "Upserts that shared a transaction",
            batches.clone(),
        );
        let waits = Histogram::new(LATENCY_BUCKETS);
        registry.register_with_unit(
            "upsert_wait",
            "Time that an upsert waits in the queue for its transaction",
            Unit::Seconds,
            waits.clone(),
        );
        Self {
            outcomes,
            queue,
            queue_capacity,
            batches,
            waits,
        }
    }

    /// Counts a finished upsert.
    pub fn finished(&self, outcome: Outcome) {
        self.outcomes
            .get_or_create(&OutcomeLabel {
                outcome: outcome.as_str(),
            })
            .inc();
    }

    /// Sets the maximum number of upserts that may wait.
    pub fn set_queue_capacity(&self, count: usize) {
        self.queue_capacity
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Counts upserts that enter the queue.
    pub fn queued(&self, count: usize) {
        self.queue.inc_by(i64::try_from(count).unwrap_or_default());
    }

    /// Counts upserts that leave the queue.
    pub fn dequeued(&self, count: usize) {
        self.queue.dec_by(i64::try_from(count).unwrap_or_default());
    }

    /// Counts a transaction of upserts, and how long each caller waited for it.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub fn batched(&self, size: usize, waits: impl Iterator<Item = Duration>) {
        self.batches.observe(size as f64);
        for wait in waits {
            self.waits.observe(wait.as_secs_f64());
        }
    }
}
