//! What the service counts, for `/metrics`. No label holds a tenant's, key's or person's value.

use std::fmt::Write;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use time::OffsetDateTime;

use crate::domain::Outcome;

const LATENCY_BUCKETS: [f64; 14] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0,
];

const GROUP_BUCKETS: [f64; 9] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0];

/// All metrics of one process.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Histogram>,
    upserts: Family<OutcomeLabel, Counter>,
    upsert_queue: Gauge,
    upsert_groups: Histogram,
    upsert_waits: Histogram,
    database_retries: Family<RetryLabels, Counter>,
    key_lookups: Family<ResultLabel, Counter>,
    argon2_runs: Counter,
    rate_limit_decisions: Family<DecisionLabels, Counter>,
    rate_limit_fallback: Gauge,
    usage_last_flush: Gauge,
    usage_flush_failures: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RetryLabels {
    call: &'static str,
    cause: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DecisionLabels {
    limiter: &'static str,
    decision: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("rubrica");
        let requests = Family::<RequestLabels, Histogram>::new_with_constructor(|| {
            Histogram::new(LATENCY_BUCKETS)
        });
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's head to its answer",
            Unit::Seconds,
            requests.clone(),
        );
        let upserts = Family::default();
        registry.register(
            "upserts",
            "Upserts that were answered, by outcome",
            upserts.clone(),
        );
        let upsert_queue = Gauge::default();
        registry.register(
            "upsert_queue_depth",
            "Upserts that wait for a transaction",
            upsert_queue.clone(),
        );
        let upsert_groups = Histogram::new(GROUP_BUCKETS);
        registry.register(
            "upsert_group_size",
            "Upserts that shared a transaction",
            upsert_groups.clone(),
        );
        let upsert_waits = Histogram::new(LATENCY_BUCKETS);
        registry.register_with_unit(
            "upsert_wait",
            "Time from an upsert's arrival in the queue to its transaction",
            Unit::Seconds,
            upsert_waits.clone(),
        );
        let database_retries = Family::default();
        registry.register(
            "database_retries",
            "Attempts of database calls that were repeated, by cause",
            database_retries.clone(),
        );
        let key_lookups = Family::default();
        registry.register(
            "api_key_lookups",
            "Presented API keys, by where their verdict came from",
            key_lookups.clone(),
        );
        let argon2_runs = Counter::default();
        registry.register(
            "argon2_runs",
            "Secrets checked against their hash",
            argon2_runs.clone(),
        );
        let rate_limit_decisions = Family::default();
        registry.register(
            "rate_limit_decisions",
            "Requests allowed or refused, by who decided",
            rate_limit_decisions.clone(),
        );
        let rate_limit_fallback = Gauge::default();
        registry.register(
            "rate_limit_fallback",
            "1 while Redis is out of reach and this replica limits by itself",
            rate_limit_fallback.clone(),
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
            registry,
            requests,
            upserts,
            upsert_queue,
            upsert_groups,
            upsert_waits,
            database_retries,
            key_lookups,
            argon2_runs,
            rate_limit_decisions,
            rate_limit_fallback,
            usage_last_flush,
            usage_flush_failures,
        }
    }
}

impl Metrics {
    /// Counts an answered request. `route` is a template, never a path.
    pub fn request_answered(&self, method: &str, route: &str, status: u16, duration: Duration) {
        self.requests
            .get_or_create(&RequestLabels {
                method: method.to_owned(),
                route: route.to_owned(),
                status,
            })
            .observe(duration.as_secs_f64());
    }

    /// Counts a finished upsert.
    pub fn contact_upserted(&self, outcome: Outcome) {
        self.upserts
            .get_or_create(&OutcomeLabel {
                outcome: outcome.as_str(),
            })
            .inc();
    }

    /// Counts upserts that begin to wait for a transaction.
    pub fn upserts_queued(&self, count: usize) {
        self.upsert_queue
            .inc_by(i64::try_from(count).unwrap_or_default());
    }

    /// Counts upserts that wait no more.
    pub fn upserts_unqueued(&self, count: usize) {
        self.upsert_queue
            .dec_by(i64::try_from(count).unwrap_or_default());
    }

    /// Counts a transaction of upserts, and how long each caller waited for it.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub fn upserts_grouped(&self, size: usize, waits: impl Iterator<Item = Duration>) {
        self.upsert_groups.observe(size as f64);
        for wait in waits {
            self.upsert_waits.observe(wait.as_secs_f64());
        }
    }

    /// Counts a database call that is tried again.
    pub fn database_retried(&self, call: &'static str, cause: &'static str) {
        self.database_retries
            .get_or_create(&RetryLabels { call, cause })
            .inc();
    }

    /// Counts a key whose verdict was in memory.
    pub fn key_found_in_cache(&self) {
        self.key_lookups
            .get_or_create(&ResultLabel { result: "cache" })
            .inc();
    }

    /// Counts a key that was looked up in the database.
    pub fn key_looked_up(&self) {
        self.key_lookups
            .get_or_create(&ResultLabel { result: "database" })
            .inc();
    }

    /// Counts a run of argon2.
    pub fn argon2_ran(&self) {
        self.argon2_runs.inc();
    }

    /// Counts a decision of a rate limiter.
    pub fn rate_limited(&self, limiter: &'static str, is_allowed: bool) {
        let decision = if is_allowed { "allowed" } else { "refused" };
        self.rate_limit_decisions
            .get_or_create(&DecisionLabels { limiter, decision })
            .inc();
    }

    /// Says whether this replica limits by itself.
    pub fn set_rate_limit_fallback(&self, is_active: bool) {
        self.rate_limit_fallback.set(i64::from(is_active));
    }

    /// Says that all usage of API keys up to now is written down.
    pub fn usage_flushed(&self, now: OffsetDateTime) {
        self.usage_last_flush.set(now.unix_timestamp());
    }

    /// Counts a failure to write down the usage of API keys.
    pub fn usage_flush_failed(&self) {
        self.usage_flush_failures.inc();
    }

    /// All metrics in the `OpenMetrics` text format.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            // Writing into a String fails only if a metric cannot be formatted: send what there is.
            let _ = writeln!(text, "# EOF");
        }
        text
    }
}
