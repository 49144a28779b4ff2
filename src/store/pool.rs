//! The pool of connections.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};

use super::error::Verdict;
use super::tls;
use crate::config::{Database, DatabaseUrl};

/// How long a silent network may keep a connection that answers nothing.
const DEAD_PEER_TIMEOUT: Duration = Duration::from_secs(10);

/// Builds a pool that waits for everything, but for nothing without end.
pub(super) fn build(settings: &Database, max_connections: usize) -> anyhow::Result<Pool> {
    build_waiting(settings, max_connections, settings.acquire_timeout)
}

/// Builds a pool for each of `count` threads: one connection, for which nobody waits.
pub(super) fn build_for_threads(settings: &Database, count: usize) -> anyhow::Result<Arc<[Pool]>> {
    (0..count)
        .map(|_| build_waiting(settings, 1, Duration::ZERO))
        .collect()
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
    pub(super) const fn new(connection: Object) -> Self {
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
