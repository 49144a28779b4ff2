//! The connection pools.

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

/// How the pools of a store connect.
pub(in crate::store) struct Connecting<'a> {
    settings: &'a Database,
    hosts: Hosts,
    clock: Arc<DatabaseClock>,
    current_server: Arc<CurrentServer>,
    answer_time: Arc<AnswerTime>,
    reaper: Arc<SessionReaper>,
}

/// State that the leases of a pool share.
struct Shared {
    reaper: Arc<SessionReaper>,
    /// Sessions that do not end after their callers gave up. Each keeps its slot in the pool.
    stuck: AtomicUsize,
}

/// A pool that measures waits and bounds them by `database.acquire_timeout`.
#[derive(Clone)]
pub(in crate::store) struct ConnectionPool {
    pool: Pool,
    shared: Arc<Shared>,
    max_connections: usize,
    metrics: PoolMetrics,
}

impl<'a> Connecting<'a> {
    /// Each new connection sets this clock.
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
            // The connection that was used last is lent first: it needs no ping.
            .queue_mode(QueueMode::Lifo)
            .max_size(max_connections)
            .wait_timeout(Some(wait_timeout))
            .create_timeout(Some(create_timeout))
            .recycle_timeout(Some(settings.connect_timeout))
            .runtime(Runtime::Tokio1)
            .build()?;
        Ok(pool)
    }

    /// Sets the timeouts of a session, for statements outside of a transaction, and bounds how long the
    /// server keeps a session whose client disappeared. A pooler in transaction mode may give the session
    /// to another client, to which the same limits then apply.
    ///
    /// Also reads the time and the identity of the server.
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
    /// Builds a pool with a timeout for each of its waits.
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

    /// Counts the connections of these pools by what they do.
    pub(in crate::store) fn connections<'a>(
        pools: impl IntoIterator<Item = &'a Self>,
    ) -> Connections {
        connections(pools.into_iter().map(|pool| &pool.pool))
    }
}

/// One pool with one connection for each of `count` threads. No call waits for it.
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

    /// Lends the connection of this thread. Threads share connections if there are fewer of these. `None`
    /// if it is lent already, or `batching.direct_connections` is 0.
    pub(in crate::store) async fn lend(&self) -> Option<Result<Lease, AttemptError>> {
        let own = threads::number().checked_rem(self.pools.len())?;
        match self.pools[own].get().await {
            Ok(connection) => Some(Ok(Lease::new(connection, &self.shared))),
            Err(PoolError::Timeout(TimeoutType::Wait)) => None,
            Err(error) => Some(Err(AttemptError::of_pool(&error))),
        }
    }

    /// Counts their connections by what they do.
    pub(in crate::store) fn connections(&self) -> Connections {
        connections(self.pools.iter())
    }
}

fn connections<'a>(pools: impl IntoIterator<Item = &'a Pool>) -> Connections {
    let mut all = Connections::default();
    for status in pools.into_iter().map(Pool::status) {
        all.max += status.max_size;
        all.idle += status.available;
        all.in_use += status.size - status.available;
        all.waiting += status.waiting;
    }
    all
}

/// The driver's configuration, with keepalives that detect a peer that disappeared.
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

/// A lent connection. Only [`Lease::settle`] returns it to the pool. If a lease is dropped during a call,
/// for example at a deadline, the server's answers are still outstanding: the connection keeps its slot
/// until they have arrived, or its session has ended.
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

    /// Ends the lease after a call. Closes the connection if the call has to be retried on another one.
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
            // The process is shutting down: no task can wait for the server.
            Err(_) => drop(Object::take(connection)),
        }
    }
}
