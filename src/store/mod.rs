//! The Postgres layer, the only one that contains SQL.
//!
//! Every method on contacts takes the company first. `sql/queries` holds the statements, one per
//! file. Each call runs in a transaction with a deadline and bounded retries. Upserts and lookups may
//! share one: see `batching`.
//!
//! A method that names no other error fails with [`StoreError`] only.

mod admins;
mod api_keys;
mod audit;
mod batching;
mod companies;
mod contacts;
mod custom_fields;
mod postgres;
mod quota_columns;
mod retention;
mod schema;
mod usage;
mod used_forms;

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

pub use admins::accounts::AdminCreationError;
pub use admins::changes::AdminChangeError;
pub use admins::identities::AdminCredentials;
pub use admins::sessions::{AdminSession, Refreshed, SignedIn};
pub use admins::sign_ins::{Proof, RehashedPassword};
pub use api_keys::keys::KeyCreationError;
pub use api_keys::lookup::ApiKeyRecord;
pub use api_keys::rotation::RotationError;
use batching::lookups::LookupBatcher;
use batching::upserts::UpsertBatcher;
pub use contacts::error::ContactError;
pub use contacts::writes::{ExpectedVersions, UNIT_SIZE};
pub use custom_fields::definitions::CustomFieldError;
pub use custom_fields::filters::ValueFilter;
use postgres::database_clock::DatabaseClock;
pub use postgres::error::StoreError;
use postgres::outage::Outage;
use postgres::pool::{Connecting, ConnectionPool, ThreadPools};
use postgres::timeouts::Timeouts;
pub use schema::compatibility::SchemaCompatibility;
pub use schema::functions::FunctionsOutcome;
pub use schema::migrate::{MigrationReport, migrate};

use crate::ambient;
use crate::config::{Batching, Database, FairShare, Privacy};
use crate::domain::SuppressionKeys;
use crate::fair_share::Statements;
use crate::metrics::Metrics;

/// The names of the pools in metrics. Two keep a former name: `groups` are batches, `at_once` are
/// direct calls.
const CALLS: &str = "calls";
const BATCHES: &str = "groups";
const DIRECT: &str = "at_once";

/// The database, through pools of connections.
#[derive(Clone)]
pub struct Store {
    pool: ConnectionPool,
    /// For batched upserts, so that many other calls cannot delay them.
    writers_pool: ConnectionPool,
    /// For batched lookups, so that blocked writes cannot delay them.
    readers_pool: ConnectionPool,
    /// For direct calls: a connection per thread, or for several threads.
    thread_pools: ThreadPools,
    upsert_batcher: Arc<UpsertBatcher>,
    lookup_batcher: Arc<LookupBatcher>,
    batching: Batching,
    statements: Arc<Statements>,
    timeouts: Arc<Timeouts>,
    clock: Arc<DatabaseClock>,
    outage: Arc<Outage>,
    suppression_keys: SuppressionKeys,
    metrics: Arc<Metrics>,
}

impl Store {
    /// Prepares the pools, which connect on demand. Batched upserts and lookups wait until
    /// [`Store::workers`] run.
    ///
    /// # Errors
    /// If the system's root certificates cannot be read.
    pub fn new(
        settings: &Database,
        batching: &Batching,
        fair_share: &FairShare,
        privacy: &Privacy,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let statements = Statements::new(fair_share.company_statements, &metrics);
        let keys = privacy.suppression_keys();
        Self::with_keys(settings, batching, statements, keys, metrics)
    }

    /// Prepares the pools for commands. These need no `privacy.suppression_key`, because they neither
    /// write nor erase contacts.
    ///
    /// # Errors
    /// If the system's root certificates cannot be read.
    pub fn for_commands(settings: &Database, batching: &Batching) -> anyhow::Result<Self> {
        let keys = SuppressionKeys::unknown(&mut ambient::random());
        let metrics = Arc::<Metrics>::default();
        let statements = Statements::new(u64::MAX, &metrics);
        Self::with_keys(settings, batching, statements, keys, metrics)
    }

    fn with_keys(
        settings: &Database,
        batching: &Batching,
        statements: Statements,
        suppression_keys: SuppressionKeys,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        metrics.upserts.set_queue_capacity(batching.queue_capacity);
        let clock = Arc::<DatabaseClock>::default();
        let connecting = Connecting::new(settings, &clock)?;
        let pool = |name, max_connections| {
            ConnectionPool::build(&connecting, max_connections, metrics.database.pool(name))
        };
        Ok(Self {
            pool: pool(CALLS, settings.max_connections - batching.connections())?,
            writers_pool: pool(BATCHES, batching.writers)?,
            readers_pool: pool(BATCHES, batching.readers)?,
            thread_pools: ThreadPools::build(&connecting, batching.direct_connections)?,
            upsert_batcher: Arc::new(UpsertBatcher::new(batching, settings)),
            lookup_batcher: Arc::new(LookupBatcher::new(batching)),
            batching: batching.clone(),
            statements: Arc::new(statements),
            timeouts: Arc::new(Timeouts::new(settings)),
            clock,
            outage: Arc::default(),
            suppression_keys,
            metrics,
        })
    }

    /// Updates the metrics of connections.
    pub fn observe_connections(&self) {
        let database = &self.metrics.database;
        database.observe(CALLS, &ConnectionPool::connections([&self.pool]));
        let batches = [&self.writers_pool, &self.readers_pool];
        database.observe(BATCHES, &ConnectionPool::connections(batches));
        database.observe(DIRECT, &self.thread_pools.connections());
    }

    /// The tasks that run the batches of this process. Each runs until it is dropped. The result of a
    /// batch that is dropped is unknown.
    pub fn workers(&self) -> impl Iterator<Item = BoxFuture<'static, ()>> {
        let writers = (0..self.batching.writers).map(|_| self.clone().write_batches().boxed());
        let readers = (0..self.batching.readers).map(|_| self.clone().look_up_batches().boxed());
        writers.chain(readers)
    }
}
