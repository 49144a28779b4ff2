//! The metrics of `/metrics`. No label contains data of a tenant, a key or a person.

mod admins;
mod database;
mod fair_share;
mod keys;
mod limits;
#[cfg(target_os = "linux")]
mod linux;
mod process;
mod requests;
mod retention;
mod upserts;

use std::fmt::Write;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

pub use admins::{AdminMetrics, SignInResult};
pub use database::{Connections, DatabaseMetrics, PoolMetrics};
pub use fair_share::{FairShareMetrics, ResourceInUse};
pub use keys::KeyMetrics;
pub use limits::LimitMetrics;
pub use process::ProcessMetrics;
pub use requests::{InFlight, RequestLabels, RequestMetrics, UNREADABLE_REQUESTS};
pub use retention::{RetentionMetrics, RetentionTask};
pub use upserts::UpsertMetrics;

const LATENCY_BUCKETS: [f64; 14] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0,
];

/// All metrics of one process.
pub struct Metrics {
    registry: Registry,
    /// Requests on the public port.
    pub requests: RequestMetrics,
    /// Upserts, and their batches.
    pub upserts: UpsertMetrics,
    /// Connections to Postgres, and retries.
    pub database: DatabaseMetrics,
    /// API keys: authentication and usage.
    pub keys: KeyMetrics,
    /// Administrators.
    pub admins: AdminMetrics,
    /// Rate limits and Redis.
    pub limits: LimitMetrics,
    /// Resources in use, and rejections at their bounds.
    pub fair_share: FairShareMetrics,
    /// Deletion of expired data.
    pub retention: RetentionMetrics,
    /// The process itself.
    pub process: ProcessMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let process = ProcessMetrics::register(&mut registry);
        let ours = registry.sub_registry_with_prefix("rubrica");
        Self {
            requests: RequestMetrics::register(ours),
            upserts: UpsertMetrics::register(ours),
            database: DatabaseMetrics::register(ours),
            keys: KeyMetrics::register(ours),
            admins: AdminMetrics::register(ours),
            limits: LimitMetrics::register(ours),
            fair_share: FairShareMetrics::register(ours),
            retention: RetentionMetrics::register(ours),
            process,
            registry,
        }
    }
}

impl Metrics {
    /// All metrics in the `OpenMetrics` text format.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            // Writing into a String fails only if a metric cannot be formatted. The metrics before it are sent.
            let _ = writeln!(text, "# EOF");
        }
        text
    }
}
