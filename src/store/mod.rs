//! Postgres: the only room that knows SQL.
//!
//! Every method on contacts takes the company first. Statements live in `sql/queries`, one a
//! file; each runs in a transaction of its own with a bounded wait and bounded retries.

mod admins;
mod api_keys;
mod audit;
mod companies;
mod contact_answers;
mod contact_reads;
mod contact_writes;
mod custom_fields;
mod erasure;
mod error;
mod fair_queue;
mod filters;
mod group_commit;
mod group_lookup;
mod key_lookup;
mod key_rotation;
mod migrations;
mod pool;
mod quota_columns;
mod schema;
mod tls;
mod transaction;
mod upsert_call;
mod usage;

use std::sync::Arc;

use deadpool_postgres::Pool;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

pub use admins::NewAdmin;
pub use api_keys::{ApiKey, ApiKeyChange, Credential, NewApiKey};
pub use audit::Actor;
pub use companies::{Company, CompanyChange};
pub use contact_writes::{ContactError, ExpectedVersions};
pub use custom_fields::CustomFieldError;
pub use error::StoreError;
pub use filters::ValueFilter;
use group_commit::GroupCommit;
use group_lookup::GroupLookup;
pub use key_lookup::ApiKeyRecord;
pub use key_rotation::{Rotation, RotationError};
pub use migrations::{MigrationReport, migrate};
pub use schema::SchemaFitness;
use transaction::Waits;

use crate::config::{Database, Groups, Privacy};
use crate::domain::SuppressionKeys;
use crate::metrics::Metrics;

/// The database, through a pool of connections.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    /// For groups alone, so that no flood of other calls keeps them waiting.
    group_pool: Pool,
    /// For calls that go at once: a connection for each thread that makes them, or for a few.
    thread_pools: Arc<[Pool]>,
    group_commit: Arc<GroupCommit>,
    group_lookup: Arc<GroupLookup>,
    groups: Groups,
    waits: Arc<Waits>,
    suppression_keys: SuppressionKeys,
    metrics: Arc<Metrics>,
}

impl Store {
    /// Prepares the pools. Connections are made when they are needed. Upserts and look-ups wait
    /// until [`Store::workers`] run.
    ///
    /// # Errors
    /// If the system's root certificates cannot be read.
    pub fn new(
        settings: &Database,
        groups: &Groups,
        privacy: &Privacy,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            pool: pool::build(settings, settings.max_connections - groups.connections())?,
            group_pool: pool::build(settings, groups.writers + groups.readers)?,
            thread_pools: pool::build_for_threads(settings, groups.at_once)?,
            group_commit: Arc::new(GroupCommit::new(groups)),
            group_lookup: Arc::new(GroupLookup::new(groups)),
            groups: groups.clone(),
            waits: Arc::new(Waits::new(settings)),
            suppression_keys: privacy.suppression_keys(),
            metrics,
        })
    }

    /// What makes the upserts and look-ups of this process: each runs until it is dropped, and
    /// then leaves what it was doing open.
    pub fn workers(&self) -> impl Iterator<Item = BoxFuture<'static, ()>> {
        let writers = (0..self.groups.writers).map(|_| self.clone().write_groups().boxed());
        let readers = (0..self.groups.readers).map(|_| self.clone().look_groups_up().boxed());
        writers.chain(readers)
    }
}
