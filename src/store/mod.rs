//! Postgres: the only room that knows SQL.
//!
//! Every method on contacts takes the company first. Statements live in `sql/queries`, one a
//! file; each runs in a transaction of its own with a bounded wait and bounded retries.

mod admins;
mod api_keys;
mod audit;
mod companies;
mod contact_reads;
mod contact_writes;
mod custom_fields;
mod erasure;
mod error;
mod filters;
mod key_lookup;
mod migrations;
mod pool;
mod quota_columns;
mod schema;
mod tls;
mod transaction;
mod upsert_batch;

use std::sync::Arc;

use deadpool_postgres::Pool;

pub use admins::NewAdmin;
pub use api_keys::{ApiKey, ApiKeyChange, NewApiKey};
pub use audit::Actor;
pub use companies::{Company, CompanyChange};
pub use contact_writes::{ContactError, ExpectedVersions};
pub use custom_fields::CustomFieldError;
pub use error::StoreError;
pub use filters::ValueFilter;
pub use key_lookup::ApiKeyRecord;
pub use migrations::{MigrationReport, migrate};
pub use schema::SchemaFitness;
use transaction::Waits;

use crate::config::{Database, Privacy};
use crate::domain::SuppressionKeys;
use crate::metrics::Metrics;

/// The database, through a pool of connections.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    waits: Arc<Waits>,
    suppression_keys: SuppressionKeys,
    metrics: Arc<Metrics>,
}

impl Store {
    /// Prepares a pool. Connections are made when they are needed.
    ///
    /// # Errors
    /// If the system's root certificates cannot be read.
    pub fn new(
        settings: &Database,
        privacy: &Privacy,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            pool: pool::build(settings)?,
            waits: Arc::new(Waits::new(settings)),
            suppression_keys: privacy.suppression_keys(),
            metrics,
        })
    }
}
