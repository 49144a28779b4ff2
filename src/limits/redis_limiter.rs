//! The rate limiter in Redis, which all replicas share.

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
/// Round trips of a new connection before its first answer: the TCP handshake, the Redis handshake, loading the
/// script, and one in reserve. Each may take `redis.timeout`.
const ROUND_TRIPS_TO_CONNECT: u32 = 4;
/// The maximum number of commands that wait for one connection. Further commands fail immediately.
const PIPELINE_BUFFER: usize = 1024;

/// The number of connections. Each is used by one thread, or by a few.
const CONNECTIONS: usize = 16;

/// Meters in Redis. It does not retry: the caller handles failures.
#[derive(Clone)]
pub(super) struct RedisLimiter {
    client: Client,
    config: ConnectionManagerConfig,
    /// Shared by all clones of the limiter.
    connections: Arc<[Connection]>,
    script: Script,
    prefix: String,
    /// The key prefix of the meters that probes use. Unique for this process.
    probe_prefix: String,
    timeout: Duration,
}

/// The connection of one thread, or of a few.
struct Connection {
    /// Opened at its first use, and replaced after an outage of Redis.
    manager: ArcSwap<ConnectionManager>,
    /// The runtime of the thread that waits for the answers, which should also read them. Set after the first
    /// answer.
    runtime: OnceLock<Handle>,
}

impl RedisLimiter {
    /// Creates a limiter whose connections are opened at their first use.
    pub(super) fn new(client: Client, prefix: &str, timeout: Duration) -> Result<Self, RedisError> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(timeout * ROUND_TRIPS_TO_CONNECT))
            // Each call has a timeout of its own.
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
            probe_prefix: format!("{prefix}:probe:{{{:x}}}", ambient::random().random::<u64>()),
            timeout,
        })
    }

    /// Takes the cost of a request from the quotas of a key and of its company, or nothing from either, in one
    /// round trip.
    ///
    /// # Errors
    /// If Redis answers with an error, or does not answer within `redis.timeout`.
    pub(super) async fn take(
        &self,
        client: &ClientId,
        company: CompanyId,
        quotas: KeyAndCompany<Quota>,
        cost: Cost,
    ) -> Result<KeyAndCompany<Decision>, RedisError> {
        // The braces are a hash tag: Redis Cluster keeps all meters of a company in one slot and
        // distributes companies over the slots.
        let names = format!("{}:rate_limit:{{{company}}}", self.prefix);
        let meters = KeyAndCompany {
            key: format!("{names}:key:{client}"),
            company: format!("{names}:company"),
        };
        let connection = self.connection();
        let manager = ConnectionManager::clone(&connection.manager.load());
        let timeout = if connection.runtime.get().is_some() {
            self.timeout
        } else {
            self.connect_timeout()
        };
        let answer = self
            .run_script(manager, meters, quotas, cost, timeout)
            .await;
        connection.runtime.get_or_init(Handle::current);
        answer
    }

    /// Runs the script on the probe's own meters, over the connection of this thread.
    pub(super) async fn probe(&self) -> Result<(), RedisError> {
        let manager = ConnectionManager::clone(&self.connection().manager.load());
        self.probe_on(manager).await
    }

    /// Opens new connections and replaces the old ones if Redis runs the script in time on each of the new ones.
    /// Returns whether it did. Old connections may be dead without an error, for example if the server behind a
    /// virtual IP address has vanished.
    pub(super) async fn reconnect(&self) -> bool {
        // One attempt shows whether Redis is still unavailable.
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
        let manager = tokio::time::timeout(self.connect_timeout(), connecting)
            .await
            .unwrap_or_else(|_| Err(timed_out()))?;
        self.probe_on(manager.clone()).await?;
        Ok(manager)
    }

    async fn probe_on(&self, manager: ConnectionManager) -> Result<(), RedisError> {
        let meters = KeyAndCompany {
            key: format!("{}:key", self.probe_prefix),
            company: format!("{}:company", self.probe_prefix),
        };
        // Quotas so large that the probe is never rejected and its meters expire after a millisecond.
        let quotas = KeyAndCompany {
            key: Quota::LARGEST,
            company: Quota::LARGEST,
        };
        self.run_script(manager, meters, quotas, Cost::ONE, self.timeout)
            .await
            .map(drop)
    }

    /// Runs `gcra.lua`.
    async fn run_script(
        &self,
        mut connection: ConnectionManager,
        meters: KeyAndCompany<String>,
        quotas: KeyAndCompany<Quota>,
        cost: Cost,
        timeout: Duration,
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
        let (is_allowed, key, company) = tokio::time::timeout(timeout, answer)
            .await
            .map_err(|_| timed_out())??;
        let used = KeyAndCompany { key, company };
        Ok(KeyAndCompany::decided(quotas, cost.total, used, is_allowed))
    }

    /// The connection of this thread.
    fn connection(&self) -> &Connection {
        &self.connections[threads::number() % CONNECTIONS]
    }

    /// The time that a new connection may take until its first answer.
    fn connect_timeout(&self) -> Duration {
        self.timeout * ROUND_TRIPS_TO_CONNECT + self.timeout
    }
}

fn timed_out() -> RedisError {
    RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut))
}
