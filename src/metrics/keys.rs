//! API keys: how they are checked, and their usage.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use time::OffsetDateTime;

use super::LATENCY_BUCKETS;

/// What is counted of API keys.
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
            "Presented API keys, by where their verdict came from",
            lookups.clone(),
        );
        let refused = Counter::default();
        registry.register(
            "api_keys_refused",
            "Requests whose API key is missing, malformed, unknown or no more, answered 401 or 429",
            refused.clone(),
        );
        let argon2_runs = Counter::default();
        registry.register(
            "argon2_runs",
            "Secrets checked against their hash",
            argon2_runs.clone(),
        );
        let argon2_waits = Histogram::new(LATENCY_BUCKETS);
        registry.register_with_unit(
            "argon2_wait",
            "Time until a secret had its turn to be checked against its hash, or gave up",
            Unit::Seconds,
            argon2_waits.clone(),
        );
        let usage_last_flush = Gauge::default();
        registry.register_with_unit(
            "usage_last_flush_timestamp",
            "When the usage of API keys was last written down, since 1970",
            Unit::Seconds,
            usage_last_flush.clone(),
        );
        let usage_flush_failures = Counter::default();
        registry.register(
            "usage_flush_failures",
            "Attempts to write down the usage of API keys that failed, and will be repeated",
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

    /// Counts a key whose verdict was in memory.
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

    /// Counts a request whose key opens nothing.
    pub fn refused(&self) {
        self.refused.inc();
    }

    /// Counts the wait of a secret for its turn.
    pub fn argon2_awaited(&self, wait: Duration) {
        self.argon2_waits.observe(wait.as_secs_f64());
    }

    /// Counts a run of argon2.
    pub fn argon2_ran(&self) {
        self.argon2_runs.inc();
    }

    /// Says that all usage up to now is written down.
    pub fn usage_flushed(&self, now: OffsetDateTime) {
        self.usage_last_flush.set(now.unix_timestamp());
    }

    /// Counts a failure to write usage down.
    pub fn usage_flush_failed(&self) {
        self.usage_flush_failures.inc();
    }
}
