//! The pools of connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Metrics, Object, Pool, PoolError,
    QueueMode, RecyclingMethod, Runtime, TimeoutType,
};

use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_postgres::SimpleQueryMessage;

use super::current_server::{CurrentServer, IDENTITY};
use super::database_clock::DatabaseClock;
use super::error::{AttemptError, StoreError};
use super::hosts::Hosts;
use super::recycling::{self, AnswerTime};
use super::session_reaper::SessionReaper;
use super::tls;
use crate::ambient::Stopwatch;
use crate::config::{Database, DatabaseUrl};
use crate::metrics::{Connections, PoolMetrics};
use crate::threads;

/// How long a peer may be silent before either side drops a connection. The server sends the first of three
/// probes after 4 s of silence, and waits 2 s after each.
const DEAD_PEER_TIMEOUT: Duration = Duration::from_secs(10);
const SERVER_KEEPALIVES: &str = "set tcp_keepalives_idle = 4; set tcp_keepalives_interval = 2; \
                                 set tcp_keepalives_count = 3; set tcp_user_timeout = 10000";

/// What makes the connections of all pools of a store.
pub(in crate::store) struct Connecting<'a> {
    settings: &'a Database,
    hosts: Hosts,
    clock: Arc<DatabaseClock>,
    current_server: Arc<CurrentServer>,
    answer_time: Arc<AnswerTime>,
    reaper: Arc<SessionReaper>,
}

/// What the leases of a pool share.
struct Shared {
    reaper: Arc<SessionReaper>,
    /// Sessions that do not end although their callers gave up: each keeps a slot.
    stuck: AtomicUsize,
}

/// A pool whose waits are counted, and last no longer than `database.acquire_timeout`.
#[derive(Clone)]
pub(in crate::store) struct ConnectionPool {
    pool: Pool,
    shared: Arc<Shared>,
    max_connections: usize,
    metrics: PoolMetrics,
}

impl<'a> Connecting<'a> {
    /// Tells the clock what time it is in the database, with each connection.
    pub(in crate::store) fn new(
        settings: &'a Database,
        clock: &Arc<DatabaseClock>,
    ) -> anyhow::Result<Self> {
        let connector = tls::connector(settings.url.config().get_ssl_mode())?;
        let current_server = Arc::<CurrentServer>::default();
        let hosts = Hosts::new(connector.clone(), settings.connect_timeout);
        let config = driver_config(&settings.url, settings.connect_timeout);
        let reaper = SessionReaper::new(
            config,
            settings.connect_timeout,
            connector,
            &hosts,
            &current_server,
        );
        Ok(Self {
            settings,
            hosts,
            clock: Arc::clone(clock),
            current_server,
            answer_time: Arc::default(),
            reaper: Arc::new(reaper),
        })
    }

    fn shared(&self) -> Arc<Shared> {
        Arc::new(Shared {
            reaper: Arc::clone(&self.reaper),
            stuck: AtomicUsize::default(),
        })
    }

    fn build_pool(&self, max_connections: usize, wait_timeout: Duration) -> anyhow::Result<Pool> {
        let settings = self.settings;
        let config = driver_config(&settings.url, settings.connect_timeout);
        let create_timeout = Hosts::patience(&config, settings.connect_timeout);
        let manager = Manager::from_connect(
            config,
            self.hosts.clone(),
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let check = recycling::check(
            settings.connection_lifetime,
            settings.connect_timeout,
            &self.current_server,
            &self.answer_time,
        );
        let pool = Pool::builder(manager)
            .post_create(self.set_up())
            .pre_recycle(check)
            // The connection that was used last needs no ping. The others may grow old.
            .queue_mode(QueueMode::Lifo)
            .max_size(max_connections)
            .wait_timeout(Some(wait_timeout))
            .create_timeout(Some(create_timeout))
            .recycle_timeout(Some(settings.connect_timeout))
            .runtime(Runtime::Tokio1)
            .build()?;
        Ok(pool)
    }

    /// Limits every statement of a session, also one without a transaction of ours around it, and how
    /// long the server keeps a session whose client vanished. A pooler in transaction mode may hand the
    /// session to another client, which is then held to the same limits.
    ///
    /// Also asks the server for its time and its identity.
    fn set_up(&self) -> Hook {
        let settings = self.settings;
        let sql = format!(
            "set statement_timeout = {}; set lock_timeout = {}; \
             set idle_in_transaction_session_timeout = {}; {SERVER_KEEPALIVES}; \
             select extract(epoch from clock_timestamp()), {IDENTITY}",
            settings.statement_timeout.as_millis(),
            settings.lock_timeout.as_millis(),
            settings.deadline.as_millis()
        );
        let patience = settings.connect_timeout;
        let clock = Arc::clone(&self.clock);
        let current_server = Arc::clone(&self.current_server);
        let answer_time = Arc::clone(&self.answer_time);
        Hook::async_fn(move |client: &mut ClientWrapper, metrics: &Metrics| {
            let sql = sql.clone();
            let clock = Arc::clone(&clock);
            let current_server = Arc::clone(&current_server);
            let answer_time = Arc::clone(&answer_time);
            let connected_at = metrics.created;
            Box::pin(async move {
                let asked = Stopwatch::default();
                let answers = timeout(patience, client.simple_query(&sql))
                    .await
                    .map_err(|_| HookError::message("the database did not answer in time"))?
                    .map_err(HookError::Backend)?;
                answer_time.observe(asked.elapsed());
                let row = answers.iter().find_map(|answer| match answer {
                    SimpleQueryMessage::Row(row) => Some((row.get(0)?.parse().ok()?, row.get(1)?)),
                    _ => None,
                });
                let unknown = || HookError::message("the database does not say what time it is");
                let (seconds, identity) = row.ok_or_else(unknown)?;
                clock.learn(seconds);
                current_server.learn(identity, connected_at);
                Ok(())
            })
        })
    }
}

impl ConnectionPool {
    /// Builds one that waits for everything, but for nothing without end.
    pub(in crate::store) fn build(
        connecting: &Connecting<'_>,
        max_connections: usize,
        metrics: PoolMetrics,
    ) -> anyhow::Result<Self> {
        let wait_timeout = connecting.settings.acquire_timeout;
        Ok(Self {
            pool: connecting.build_pool(max_connections, wait_timeout)?,
            shared: connecting.shared(),
            max_connections,
            metrics,
        })
    }

    /// Lends a connection.
    pub(in crate::store) async fn lend(&self) -> Result<Lease, AttemptError> {
        if self.shared.stuck.load(Ordering::Relaxed) >= self.max_connections {
            let cause = "the sessions of callers who gave up do not end";
            return Err(AttemptError::Fail(StoreError::unavailable(cause)));
        }
        let arrived = Stopwatch::default();
        let connection = self.pool.get().await;
        self.metrics.waited(arrived.elapsed());
        if let Err(PoolError::Timeout(_)) = connection {
            self.metrics.timed_out();
        }
        connection
            .map(|connection| Lease::new(connection, &self.shared))
            .map_err(|error| AttemptError::of_pool(&error))
    }

    /// What the connections of these pools are doing.
    pub(in crate::store) fn connections<'a>(
        pools: impl IntoIterator<Item = &'a Self>,
    ) -> Connections {
        connections(pools.into_iter().map(|pool| &pool.pool))
    }
}

/// A pool for each of `count` threads: one connection, for which nobody waits.
#[derive(Clone)]
pub(in crate::store) struct ThreadPools {
    pools: Arc<[Pool]>,
    shared: Arc<Shared>,
}

impl ThreadPools {
    pub(in crate::store) fn build(
        connecting: &Connecting<'_>,
        count: usize,
    ) -> anyhow::Result<Self> {
        let pool = |_| connecting.build_pool(1, Duration::ZERO);
        Ok(Self {
            pools: (0..count).map(pool).collect::<anyhow::Result<_>>()?,
            shared: connecting.shared(),
        })
    }

    /// Lends the connection of this thread, which threads that came later share if there are fewer;
    /// none: it is lent already, or there are no such connections.
    pub(in crate::store) async fn lend(&self) -> Option<Result<Lease, AttemptError>> {
        let own = threads::number().checked_rem(self.pools.len())?;
        match self.pools[own].get().await {
            Ok(connection) => Some(Ok(Lease::new(connection, &self.shared))),
            Err(PoolError::Timeout(TimeoutType::Wait)) => None,
            Err(error) => Some(Err(AttemptError::of_pool(&error))),
        }
    }

    /// What their connections are doing.
    pub(in crate::store) fn connections(&self) -> Connections {
        connections(self.pools.iter())
    }
}

fn connections<'a>(pools: impl IntoIterator<Item = &'a Pool>) -> Connections {
    let mut all = Connections::default();
    for status in pools.into_iter().map(Pool::status) {
        all.most += status.max_size;
        all.idle += status.available;
        all.in_use += status.size - status.available;
        all.waiting += status.waiting;
    }
    all
}

/// The driver's configuration, so that a peer that is gone is noticed.
pub(in crate::store) fn driver_config(
    url: &DatabaseUrl,
    connect_timeout: Duration,
) -> tokio_postgres::Config {
    let mut config = url.config().clone();
    config
        .connect_timeout(connect_timeout)
        .keepalives_idle(DEAD_PEER_TIMEOUT)
        .tcp_user_timeout(DEAD_PEER_TIMEOUT);
    if config.get_application_name().is_none() {
        config.application_name("rubrica");
    }
    config
}

/// A connection on loan. Only [`Lease::settle`] returns it to the pool. One that is dropped in the middle
/// of a call, at a deadline say, has answers still to come: it keeps its slot until they are there, or
/// its session is known to be over.
pub(in crate::store) struct Lease {
    connection: Option<Object>,
    shared: Arc<Shared>,
}

impl Lease {
    fn new(connection: Object, shared: &Arc<Shared>) -> Self {
        Self {
            connection: Some(connection),
            shared: Arc::clone(shared),
        }
    }

    #[expect(
        clippy::expect_used,
        reason = "only settle and drop take it, and both end the lease"
    )]
    pub(in crate::store) fn connection(&mut self) -> &mut Object {
        self.connection
            .as_mut()
            .expect("a lease holds its connection")
    }

    /// Ends the lease after a call: the connection is kept, unless the call has to go elsewhere.
    pub(in crate::store) fn settle<T, E>(mut self, result: &Result<T, AttemptError<E>>) {
        if let Some(connection) = self.connection.take()
            && matches!(result, Err(AttemptError::Retry(retry)) if retry.elsewhere)
        {
            drop(Object::take(connection));
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        match Handle::try_current() {
            Ok(runtime) => {
                let shared = Arc::clone(&self.shared);
                runtime.spawn(async move {
                    shared.reaper.reap(connection, &shared.stuck).await;
                });
            }
            // Outside of a runtime nothing waits for the server either.
            Err(_) => drop(Object::take(connection)),
        }
    }
}
