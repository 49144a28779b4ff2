//! Metrics of Postgres: connections and retries.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::LATENCY_BUCKETS;

/// Metrics of the database.
pub struct DatabaseMetrics {
    retries: Family<RetryLabels, Counter>,
    connections: Family<ConnectionLabels, Gauge>,
    max_connections: Family<PoolLabel, Gauge>,
    waiting: Family<PoolLabel, Gauge>,
    waits: Family<PoolLabel, Histogram>,
    timeouts: Family<PoolLabel, Counter>,
}

/// Metrics of one connection pool.
#[derive(Clone)]
pub struct PoolMetrics {
    waits: Histogram,
    timeouts: Counter,
}

/// The connections of a pool at one point in time.
#[derive(Debug, Default)]
pub struct Connections {
    /// The maximum number of connections.
    pub max: usize,
    /// Connections that calls use.
    pub in_use: usize,
    /// Open connections that no call uses.
    pub idle: usize,
    /// Calls that wait for a connection.
    pub waiting: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RetryLabels {
    call: &'static str,
    cause: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PoolLabel {
    pool: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ConnectionLabels {
    pool: &'static str,
    state: &'static str,
}

impl DatabaseMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let retries = Family::default();
        registry.register(
            "database_retries",
            "Database calls that were retried, by call and cause",
            retries.clone(),
        );
        let connections = Family::default();
        registry.register(
            "database_connections",
            "Connections to Postgres, by pool and state",
            connections.clone(),
        );
        let max_connections = Family::default();
        registry.register(
            "database_connections_max",
            "Maximum number of connections of a pool",
            max_connections.clone(),
        );
        let waiting = Family::default();
        registry.register(
            "database_connections_awaited",
            "Calls that wait for a connection, by pool",
            waiting.clone(),
        );
        let waits = Family::<PoolLabel, Histogram>::new_with_constructor(|| {
            Histogram::new(LATENCY_BUCKETS)
        });
        registry.register_with_unit(
            "database_connection_wait",
            "Time until a call got a connection or timed out, by pool",
            Unit::Seconds,
            waits.clone(),
        );
        let timeouts = Family::default();
        registry.register(
            "database_connection_timeouts",
            "Calls that timed out while they waited for a connection, by pool",
            timeouts.clone(),
        );
        Self {
            retries,
            connections,
            max_connections,
            waiting,
            waits,
            timeouts,
        }
    }

    /// Counts a retry of a call.
    pub fn retried(&self, call: &'static str, cause: &'static str) {
        self.retries
            .get_or_create(&RetryLabels { call, cause })
            .inc();
    }

    /// The metrics of a pool.
    #[must_use]
    pub fn pool(&self, pool: &'static str) -> PoolMetrics {
        let label = PoolLabel { pool };
        PoolMetrics {
            waits: self.waits.get_or_create_owned(&label),
            timeouts: self.timeouts.get_or_create_owned(&label),
        }
    }

    /// Sets the gauges of a pool to the current numbers.
    pub fn observe(&self, pool: &'static str, now: &Connections) {
        let label = PoolLabel { pool };
        let states = [("in_use", now.in_use), ("idle", now.idle)];
        for (state, count) in states {
            let labels = ConnectionLabels { pool, state };
            set(&self.connections.get_or_create(&labels), count);
        }
        set(&self.max_connections.get_or_create(&label), now.max);
        set(&self.waiting.get_or_create(&label), now.waiting);
    }
}

impl PoolMetrics {
    /// Records how long a call waited for a connection.
    pub fn waited(&self, wait: Duration) {
        self.waits.observe(wait.as_secs_f64());
    }

    /// Counts a call that got no connection in time.
    pub fn timed_out(&self) {
        self.timeouts.inc();
    }
}

fn set(gauge: &Gauge, count: usize) {
    gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
}
