//! Postgres: connections, and calls that had to be repeated.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::LATENCY_BUCKETS;

/// What is counted of the database.
pub struct DatabaseMetrics {
    retries: Family<RetryLabels, Counter>,
    connections: Family<ConnectionLabels, Gauge>,
    most_connections: Family<PoolLabel, Gauge>,
    waiting: Family<PoolLabel, Gauge>,
    waits: Family<PoolLabel, Histogram>,
    timeouts: Family<PoolLabel, Counter>,
}

/// What is counted of one pool of connections.
#[derive(Clone)]
pub struct PoolMetrics {
    waits: Histogram,
    timeouts: Counter,
}

/// The connections of a pool, at one moment.
#[derive(Debug, Default)]
pub struct Connections {
    /// The most there may be.
    pub max: usize,
    /// Lent to calls.
    pub in_use: usize,
    /// Open, and not lent.
    pub idle: usize,
    /// Calls that wait for one.
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
            "Attempts of database calls that were repeated, by cause",
            retries.clone(),
        );
        let connections = Family::default();
        registry.register(
            "database_connections",
            "Connections to Postgres, by pool and state",
            connections.clone(),
        );
        let most_connections = Family::default();
        registry.register(
            "database_connections_max",
            "The most connections that a pool may have",
            most_connections.clone(),
        );
        let waiting = Family::default();
        registry.register(
            "database_connections_awaited",
            "Calls that wait for a connection of a pool",
            waiting.clone(),
        );
        let waits = Family::<PoolLabel, Histogram>::new_with_constructor(|| {
            Histogram::new(LATENCY_BUCKETS)
        });
        registry.register_with_unit(
            "database_connection_wait",
            "Time until a call had a connection of a pool, or gave up",
            Unit::Seconds,
            waits.clone(),
        );
        let timeouts = Family::default();
        registry.register(
            "database_connection_timeouts",
            "Calls for which no connection of a pool became free in time",
            timeouts.clone(),
        );
        Self {
            retries,
            connections,
            most_connections,
            waiting,
            waits,
            timeouts,
        }
    }

    /// Counts a call that is tried again.
    pub fn retried(&self, call: &'static str, cause: &'static str) {
        self.retries
            .get_or_create(&RetryLabels { call, cause })
            .inc();
    }

    /// What is counted of the pool of this name.
    #[must_use]
    pub fn pool(&self, pool: &'static str) -> PoolMetrics {
        let label = PoolLabel { pool };
        PoolMetrics {
            waits: self.waits.get_or_create_owned(&label),
            timeouts: self.timeouts.get_or_create_owned(&label),
        }
    }

    /// Says what the connections of a pool are doing now.
    pub fn observe(&self, pool: &'static str, now: &Connections) {
        let label = PoolLabel { pool };
        let states = [("in_use", now.in_use), ("idle", now.idle)];
        for (state, count) in states {
            let labels = ConnectionLabels { pool, state };
            set(&self.connections.get_or_create(&labels), count);
        }
        set(&self.most_connections.get_or_create(&label), now.max);
        set(&self.waiting.get_or_create(&label), now.waiting);
    }
}

impl PoolMetrics {
    /// Counts the wait of a call for a connection.
    pub fn waited(&self, wait: Duration) {
        self.waits.observe(wait.as_secs_f64());
    }

    /// Counts a call that waited in vain.
    pub fn timed_out(&self) {
        self.timeouts.inc();
    }
}

fn set(gauge: &Gauge, count: usize) {
    gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
}
