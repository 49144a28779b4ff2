//! Metrics of rate limits and of Redis.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Redis usually answers well below a millisecond.
const REDIS_BUCKETS: [f64; 11] = [
    0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5,
];

/// Metrics of rate limits.
pub struct LimitMetrics {
    decisions: Family<DecisionLabels, Counter>,
    fallback: Gauge,
    redis_durations: Histogram,
    redis_failures: Family<CauseLabel, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DecisionLabels {
    limiter: &'static str,
    decision: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabel {
    cause: String,
}

impl LimitMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let decisions = Family::default();
        registry.register(
            "rate_limit_decisions",
            "Requests that were allowed or refused, by limiter",
            decisions.clone(),
        );
        let fallback = Gauge::default();
        registry.register(
            "rate_limit_fallback",
            "1 while Redis is unavailable, until it has worked for ten seconds; else 0",
            fallback.clone(),
        );
        let redis_durations = Histogram::new(REDIS_BUCKETS);
        registry.register_with_unit(
            "redis_call_duration",
            "Time of a call to Redis for a rate limit",
            Unit::Seconds,
            redis_durations.clone(),
        );
        let redis_failures = Family::default();
        registry.register(
            "redis_failures",
            "Failed calls to Redis, by cause",
            redis_failures.clone(),
        );
        Self {
            decisions,
            fallback,
            redis_durations,
            redis_failures,
        }
    }

    /// Counts a decision of a limiter.
    pub fn decided(&self, limiter: &'static str, is_allowed: bool) {
        let decision = if is_allowed { "allowed" } else { "refused" };
        self.decisions
            .get_or_create(&DecisionLabels { limiter, decision })
            .inc();
    }

    /// Sets whether Redis is unavailable, so that this replica decides on its own.
    pub fn set_fallback(&self, is_active: bool) {
        self.fallback.set(i64::from(is_active));
    }

    /// Records the duration of a successful call to Redis.
    pub fn redis_answered(&self, duration: Duration) {
        self.redis_durations.observe(duration.as_secs_f64());
    }

    /// Counts a failed call to Redis.
    pub fn redis_failed(&self, cause: &str) {
        let cause = cause.to_owned();
        self.redis_failures
            .get_or_create(&CauseLabel { cause })
            .inc();
    }
}
