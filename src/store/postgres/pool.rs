//! The pools of connections.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, QueueMode,
    RecyclingMethod, Runtime, TimeoutType,
};

use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres_rustls::MakeRustlsConnect;
use tracing::debug;

use super::database_clock::DatabaseClock;
use super::error::Verdict;
use super::hosts::Hosts;
use super::recycling::{self, AnswerTime};
use super::tls;
use crate::ambient::Stopwatch;
use crate::config::{Database, DatabaseUrl};
use crate::metrics::{Connections, PoolMetrics};
use crate::threads;

/// How long a silent network may keep a connection that answers nothing.
const DEAD_PEER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the server may take to accept that a statement is cancelled.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(1);

/// A pool whose waits are counted, and last no longer than `database.acquire_timeout`.
#[derive(Clone)]
pub(in crate::store) struct ConnectionPool {
    pool: Pool,
    connector: MakeRustlsConnect,
    metrics: PoolMetrics,
}

impl ConnectionPool {
    /// Builds one that waits for everything, but for nothing without end.
    pub(in crate::store) fn build(
        settings: &Database,
        max_connections: usize,
        metrics: PoolMetrics,
        clock: &Arc<DatabaseClock>,
    ) -> anyhow::Result<Self> {
        let connector = tls::connector(settings.url.config().get_ssl_mode())?;
        let wait_timeout = settings.acquire_timeout;
        Ok(Self {
            pool: build_waiting(settings, &connector, max_connections, wait_timeout, clock)?,
            connector,
            metrics,
        })
    }

    /// Lends a connection.
    pub(in crate::store) async fn lend(&self) -> Result<Lease, Verdict> {
        let arrived = Stopwatch::default();
        let connection = self.pool.get().await;
        self.metrics.waited(arrived.elapsed());
        if let Err(PoolError::Timeout(_)) = connection {
            self.metrics.timed_out();
        }
        connection
            .map(|connection| Lease::new(connection, &self.connector))
            .map_err(|error| Verdict::of_pool(&error))
    }

    /// What its connections are doing.
    pub(in crate::store) fn connections(&self) -> Connections {
        connections([&self.pool])
    }
}

/// A pool for each of `count` threads: one connection, for which nobody waits.
#[derive(Clone)]
pub(in crate::store) struct ThreadPools {
    pools: Arc<[Pool]>,
    connector: MakeRustlsConnect,
}

impl ThreadPools {
    pub(in crate::store) fn build(
        settings: &Database,
        count: usize,
        clock: &Arc<DatabaseClock>,
    ) -> anyhow::Result<Self> {
        let connector = tls::connector(settings.url.config().get_ssl_mode())?;
        let pool = |_| build_waiting(settings, &connector, 1, Duration::ZERO, clock);
        Ok(Self {
            pools: (0..count).map(pool).collect::<anyhow::Result<_>>()?,
            connector,
        })
    }

    /// Lends the connection of this thread, which threads that came later share if there are fewer;
    /// none: it is lent already, or there are no such connections.
    pub(in crate::store) async fn lend(&self) -> Option<Result<Lease, Verdict>> {
        let own = threads::number().checked_rem(self.pools.len())?;
        match self.pools[own].get().await {
            Ok(connection) => Some(Ok(Lease::new(connection, &self.connector))),
            Err(PoolError::Timeout(TimeoutType::Wait)) => None,
            Err(error) => Some(Err(Verdict::of_pool(&error))),
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

fn build_waiting(
    settings: &Database,
    connector: &MakeRustlsConnect,
    max_connections: usize,
    wait_timeout: Duration,
    clock: &Arc<DatabaseClock>,
) -> anyhow::Result<Pool> {
    let config = driver_config(&settings.url, settings.connect_timeout);
    let create_timeout = Hosts::patience(&config, settings.connect_timeout);
    let manager = Manager::from_connect(
        config,
        Hosts::new(connector.clone(), settings.connect_timeout),
        ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        },
    );
    let answer_time = Arc::<AnswerTime>::default();
    let lifetime = settings.connection_lifetime;
    let check = recycling::check(lifetime, settings.connect_timeout, &answer_time);
    let pool = Pool::builder(manager)
        .post_create(set_up(settings, clock, &answer_time))
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

/// Limits every statement of a session, also one without a transaction of ours around it. A pooler in
/// transaction mode may hand the session to another client, which is then held to the same limits.
/// Asks what time it is there, too.
fn set_up(settings: &Database, clock: &Arc<DatabaseClock>, answer_time: &Arc<AnswerTime>) -> Hook {
    let limits = format!(
        "set statement_timeout = {}; set idle_in_transaction_session_timeout = {}; \
         select extract(epoch from clock_timestamp())",
        settings.statement_timeout.as_millis(),
        settings.deadline.as_millis()
    );
    let patience = settings.connect_timeout;
    let clock = Arc::clone(clock);
    let answer_time = Arc::clone(answer_time);
    Hook::async_fn(move |client: &mut ClientWrapper, _| {
        let limits = limits.clone();
        let clock = Arc::clone(&clock);
        let answer_time = Arc::clone(&answer_time);
        Box::pin(async move {
            let asked = Stopwatch::default();
            let answers = timeout(patience, client.simple_query(&limits))
                .await
                .map_err(|_| HookError::message("the database did not answer in time"))?
                .map_err(HookError::Backend)?;
            answer_time.observe(asked.elapsed());
            let seconds = answers.iter().find_map(|answer| match answer {
                SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
                _ => None,
            });
            let unknown = || HookError::message("the database does not say what time it is");
            clock.learn(seconds.ok_or_else(unknown)?);
            Ok(())
        })
    })
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

/// A connection on loan. Only [`Lease::settle`] returns it to the pool: one that is dropped in the
/// middle of a call, at a deadline say, is closed, since its answers are still to come, and what the
/// server is doing for it is cancelled.
pub(in crate::store) struct Lease {
    connection: Option<Object>,
    connector: MakeRustlsConnect,
}

impl Lease {
    fn new(connection: Object, connector: &MakeRustlsConnect) -> Self {
        Self {
            connection: Some(connection),
            connector: connector.clone(),
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
    pub(in crate::store) fn settle<T>(mut self, result: &Result<T, Verdict>) {
        if let Some(connection) = self.connection.take()
            && matches!(result, Err(Verdict::Retry(retry)) if retry.elsewhere)
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
        let token = connection.cancel_token();
        drop(Object::take(connection));
        let connector = self.connector.clone();
        // Outside of a runtime nothing waits for the server either.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                let cancelled = timeout(CANCEL_TIMEOUT, token.cancel_query(connector)).await;
                if !matches!(cancelled, Ok(Ok(()))) {
                    debug!("an abandoned statement was not cancelled; its own time limit ends it");
                }
            });
        }
    }
}
