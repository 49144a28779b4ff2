//! The limiter that all replicas share.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::future::join_all;
use rand::RngExt;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError, Script};
use tokio::runtime::Handle;

use super::{Cost, Decision};
use crate::ambient;
use crate::domain::{ClientId, CompanyId, KeyAndCompany, Quota};
use crate::threads;

const SCRIPT: &str = include_str!("gcra.lua");
/// Round trips of a new connection until its first answer: the handshake of TCP, that of Redis, a script
/// that is not loaded yet, and one to spare. Each may take as long as an answer.
const ROUND_TRIPS_TO_CONNECT: u32 = 4;
/// Commands that may wait for a connection that is slow; more are refused at once.
const PIPELINE_BUFFER: usize = 1024;

/// Connections, each for one thread or a few.
const CONNECTIONS: usize = 16;

/// Meters in Redis. Each failure is the caller's to deal with: nothing is tried twice here.
#[derive(Clone)]
pub(super) struct RedisLimiter {
    client: Client,
    config: ConnectionManagerConfig,
    /// Shared by all clones.
    connections: Arc<[Connection]>,
    script: Script,
    prefix: String,
    /// What the names of the meters of a probe begin with: of this process alone.
    probe: String,
    timeout: Duration,
}

/// The connection of a thread, or of a few.
struct Connection {
    /// Made at its first use, and replaced when Redis is found again after a failure.
    manager: ArcSwap<ConnectionManager>,
    /// Of the thread that waits for its answers and so should read them. Known after the first one.
    runtime: OnceLock<Handle>,
}

impl RedisLimiter {
    /// Prepares connections that are made at their first use.
    pub(super) fn new(client: Client, prefix: &str, timeout: Duration) -> Result<Self, RedisError> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(timeout * ROUND_TRIPS_TO_CONNECT))
            // Each use has a timeout around all of it.
            .set_response_timeout(None)
            .set_pipeline_buffer_size(PIPELINE_BUFFER);
        let connection = |_| {
            let manager = ConnectionManager::new_lazy_with_config(client.clone(), config.clone())?;
            Ok(Connection {
                manager: ArcSwap::from_pointee(manager),
                runtime: OnceLock::new(),
            })
        };
        Ok(Self {
            connections: (0..CONNECTIONS)
                .map(connection)
                .collect::<Result<_, RedisError>>()?,
            client,
            config,
            script: Script::new(SCRIPT),
            prefix: prefix.to_owned(),
            probe: format!("{prefix}:probe:{{{:x}}}", ambient::random().random::<u64>()),
            timeout,
        })
    }

    /// Takes what a request costs from a key's quota and from its company's, or nothing from either:
    /// one round trip.
    pub(super) async fn take(
        &self,
        client: &ClientId,
        company: CompanyId,
        quotas: KeyAndCompany<Quota>,
        cost: Cost,
    ) -> Result<KeyAndCompany<Decision>, RedisError> {
        // The braces are a hash tag: Redis Cluster keeps the meters of a company in one slot, and
        // spreads companies over all.
        let names = format!("{}:rate_limit:{{{company}}}", self.prefix);
        let meters = KeyAndCompany {
            key: format!("{names}:key:{client}"),
            company: format!("{names}:company"),
        };
        let connection = self.connection();
        let manager = ConnectionManager::clone(&connection.manager.load());
        let patience = if connection.runtime.get().is_some() {
            self.timeout
        } else {
            self.patience_to_connect()
        };
        let answer = self.ask(manager, meters, quotas, cost, patience).await;
        connection.runtime.get_or_init(Handle::current);
        answer
    }

    /// Does what [`RedisLimiter::take`] does, on meters of its own and the connection of this thread.
    pub(super) async fn probe(&self) -> Result<(), RedisError> {
        let manager = ConnectionManager::clone(&self.connection().manager.load());
        self.probe_on(manager).await
    }

    /// Makes all connections anew, and gives up the old ones if Redis answers the script in time on each of
    /// the new. The old ones may be dead without knowing: a peer that vanished, behind a virtual address
    /// say, sends no word of it.
    pub(super) async fn reconnect(&self) -> bool {
        // One is enough to see that nothing has changed.
        if self.connect().await.is_err() {
            return false;
        }
        let attempts = self.connections.iter().map(|connection| {
            let limiter = self.clone();
            let runtime = connection.runtime.get().cloned();
            runtime
                .unwrap_or_else(Handle::current)
                .spawn(async move { limiter.connect().await })
        });
        let mut fresh = Vec::with_capacity(CONNECTIONS);
        for attempt in join_all(attempts).await {
            let Ok(Ok(manager)) = attempt else {
                return false;
            };
            fresh.push(manager);
        }
        for (connection, fresh) in self.connections.iter().zip(fresh) {
            connection.manager.store(Arc::new(fresh));
        }
        true
    }

    async fn connect(&self) -> Result<ConnectionManager, RedisError> {
        let connecting = async {
            let (client, config) = (self.client.clone(), self.config.clone());
            let mut manager = ConnectionManager::new_with_config(client, config).await?;
            self.script.load_async(&mut manager).await?;
            Ok(manager)
        };
        let manager = tokio::time::timeout(self.patience_to_connect(), connecting)
            .await
            .unwrap_or_else(|_| Err(timed_out()))?;
        self.probe_on(manager.clone()).await?;
        Ok(manager)
    }

    async fn probe_on(&self, manager: ConnectionManager) -> Result<(), RedisError> {
        let meters = KeyAndCompany {
            key: format!("{}:key", self.probe),
            company: format!("{}:company", self.probe),
        };
        // So large that it refuses nothing, and that what is taken is written for a millisecond.
        let quotas = KeyAndCompany {
            key: Quota::LARGEST,
            company: Quota::LARGEST,
        };
        self.ask(manager, meters, quotas, Cost::ONE, self.timeout)
            .await
            .map(drop)
    }

    /// Runs the script.
    async fn ask(
        &self,
        mut connection: ConnectionManager,
        meters: KeyAndCompany<String>,
        quotas: KeyAndCompany<Quota>,
        cost: Cost,
        patience: Duration,
    ) -> Result<KeyAndCompany<Decision>, RedisError> {
        let mut invocation = self.script.key(meters.key);
        invocation
            .key(meters.company)
            .arg(cost.total)
            .arg(cost.already_taken);
        for quota in [quotas.key, quotas.company] {
            invocation
                .arg(quota.limit())
                .arg(quota.window().as_micros().to_string());
        }
        let answer = invocation.invoke_async::<(bool, f64, f64)>(&mut connection);
        let (is_allowed, key, company) = tokio::time::timeout(patience, answer)
            .await
            .map_err(|_| timed_out())??;
        let used = KeyAndCompany { key, company };
        Ok(KeyAndCompany::decided(quotas, cost.total, used, is_allowed))
    }

    /// The connection of this thread.
    fn connection(&self) -> &Connection {
        &self.connections[threads::number() % CONNECTIONS]
    }

    /// How long a new connection may take until its first answer.
    fn patience_to_connect(&self) -> Duration {
        self.timeout * ROUND_TRIPS_TO_CONNECT + self.timeout
    }
}

fn timed_out() -> RedisError {
    RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut))
}
