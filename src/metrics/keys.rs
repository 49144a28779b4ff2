//! Metrics of API keys: authentication and usage.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use time::OffsetDateTime;

use super::LATENCY_BUCKETS;

/// Metrics of API keys.
pub struct KeyMetrics {
    lookups: Family<ResultLabel, Counter>,
    refused: Counter,
    argon2_runs: Counter,
    argon2_waits: Histogram,
    usage_last_flush: Gauge,
    usage_flush_failures: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    result: &'static str,
}

impl KeyMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let lookups = Family::default();
        registry.register(
            "api_key_lookups",
            "API keys that were checked, by the source of the result: cache or database",
            lookups.clone(),
        );
        let refused = Counter::default();
        registry.register(
            "api_keys_refused",
            "Requests without a valid API key, answered with 401 or 429",
            refused.clone(),
        );
        let argon2_runs = Counter::default();
        registry.register(
            "argon2_runs",
            "Secrets that were verified with argon2",
            argon2_runs.clone(),
        );
        let argon2_waits = Histogram::new(LATENCY_BUCKETS);
        registry.register_with_unit(
            "argon2_wait",
            "Time that a secret waited to be verified with argon2, or until it timed out",
            Unit::Seconds,
            argon2_waits.clone(),
        );
        let usage_last_flush = Gauge::default();
        registry.register_with_unit(
            "usage_last_flush_timestamp",
            "Unix timestamp of the last time that the usage of API keys was written to the database",
            Unit::Seconds,
            usage_last_flush.clone(),
        );
        let usage_flush_failures = Counter::default();
        registry.register(
            "usage_flush_failures",
            "Failed attempts to write the usage of API keys to the database; they are retried",
            usage_flush_failures.clone(),
        );
        Self {
            lookups,
            refused,
            argon2_runs,
            argon2_waits,
            usage_last_flush,
            usage_flush_failures,
        }
    }

    /// Counts a key that was found in the cache.
    pub fn found_in_cache(&self) {
        self.lookups
            .get_or_create(&ResultLabel { result: "cache" })
            .inc();
    }

    /// Counts a key that was looked up in the database.
    pub fn looked_up(&self) {
        self.lookups
            .get_or_create(&ResultLabel { result: "database" })
            .inc();
    }

    /// Counts a request without a valid key.
    pub fn refused(&self) {
        self.refused.inc();
    }

    /// Records how long a secret waited for argon2.
    pub fn argon2_awaited(&self, wait: Duration) {
        self.argon2_waits.observe(wait.as_secs_f64());
    }

    /// Counts a run of argon2.
    pub fn argon2_ran(&self) {
        self.argon2_runs.inc();
    }

    /// Records that all usage up to `now` is written.
    pub fn usage_flushed(&self, now: OffsetDateTime) {
        self.usage_last_flush.set(now.unix_timestamp());
    }

    /// Counts a failed attempt to write usage.
    pub fn usage_flush_failed(&self) {
        self.usage_flush_failures.inc();
    }
}
