//! The pools of connections.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};

use super::error::Verdict;
use super::tls;
use crate::ambient::Stopwatch;
use crate::config::{Database, DatabaseUrl};
use crate::metrics::{Connections, PoolMetrics};
use crate::threads;

/// How long a silent network may keep a connection that answers nothing.
const DEAD_PEER_TIMEOUT: Duration = Duration::from_secs(10);

/// A pool whose waits are counted, and last no longer than `database.acquire_timeout`.
#[derive(Clone)]
pub(super) struct ConnectionPool {
    pool: Pool,
    metrics: PoolMetrics,
}

impl ConnectionPool {
    /// Builds one that waits for everything, but for nothing without end.
    pub(super) fn build(
        settings: &Database,
        max_connections: usize,
        metrics: PoolMetrics,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            pool: build_waiting(settings, max_connections, settings.acquire_timeout)?,
            metrics,
        })
    }

    /// Lends a connection.
    pub(super) async fn lend(&self) -> Result<Lease, Verdict> {
        let arrived = Stopwatch::default();
        let connection = self.pool.get().await;
        self.metrics.waited(arrived.elapsed());
        if let Err(PoolError::Timeout(_)) = connection {
            self.metrics.timed_out();
        }
        connection
            .map(Lease::new)
            .map_err(|error| Verdict::of_pool(&error))
    }

    /// What its connections are doing.
    pub(super) fn connections(&self) -> Connections {
        connections([&self.pool])
    }
}

/// A pool for each of `count` threads: one connection, for which nobody waits.
#[derive(Clone)]
pub(super) struct ThreadPools(Arc<[Pool]>);

impl ThreadPools {
    pub(super) fn build(settings: &Database, count: usize) -> anyhow::Result<Self> {
        let pool = |_| build_waiting(settings, 1, Duration::ZERO);
        Ok(Self((0..count).map(pool).collect::<anyhow::Result<_>>()?))
    }

    /// Lends the connection of this thread, which threads that came later share if there are fewer;
    /// none: it is lent already, or there are no such connections.
    pub(super) async fn lend(&self) -> Option<Result<Lease, Verdict>> {
        let own = threads::number().checked_rem(self.0.len())?;
        match self.0[own].get().await {
            Ok(connection) => Some(Ok(Lease::new(connection))),
            Err(PoolError::Timeout(TimeoutType::Wait)) => None,
            Err(error) => Some(Err(Verdict::of_pool(&error))),
        }
    }

    /// What their connections are doing.
    pub(super) fn connections(&self) -> Connections {
        connections(self.0.iter())
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
    max_connections: usize,
    wait_timeout: Duration,
) -> anyhow::Result<Pool> {
    let manager = Manager::from_config(
        driver_config(&settings.url, settings.connect_timeout),
        tls::connector(settings.url.config().get_ssl_mode())?,
        ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        },
    );
    let pool = Pool::builder(manager)
        .max_size(max_connections)
        .wait_timeout(Some(wait_timeout))
        .create_timeout(Some(settings.connect_timeout))
        .recycle_timeout(Some(settings.connect_timeout))
        .runtime(Runtime::Tokio1)
        .build()?;
    Ok(pool)
}

/// The driver's configuration, so that a peer that is gone is noticed.
pub(super) fn driver_config(
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
/// middle of a call, at a deadline say, is closed, since its answers are still to come.
pub(super) struct Lease(Option<Object>);

impl Lease {
    const fn new(connection: Object) -> Self {
        Self(Some(connection))
    }

    #[expect(
        clippy::expect_used,
        reason = "only settle and drop take it, and both end the lease"
    )]
    pub(super) fn connection(&mut self) -> &mut Object {
        self.0.as_mut().expect("a lease holds its connection")
    }

    /// Ends the lease after a call: the connection is kept, unless the call has to go elsewhere.
    pub(super) fn settle<T>(mut self, result: &Result<T, Verdict>) {
        if !matches!(result, Err(Verdict::Retry(retry)) if retry.elsewhere) {
            self.0.take();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}
