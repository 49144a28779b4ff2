//! The limiter that all replicas share.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError, Script};

use super::{Cost, Decision};
use crate::domain::{ClientId, CompanyId, KeyAndCompany, Quota};
use crate::threads;

const SCRIPT: &str = include_str!("gcra.lua");
const CONNECT_TIMEOUT: Duration = Duration::from_millis(200);
/// Commands that may wait for a connection that is slow; more are refused at once.
const PIPELINE_BUFFER: usize = 1024;

/// Connections, each for one thread or a few.
const CONNECTIONS: usize = 16;

/// Meters in Redis. Each failure is the caller's to deal with: nothing is tried twice here.
#[derive(Clone)]
pub(super) struct RedisLimiter {
    client: Client,
    config: ConnectionManagerConfig,
    /// Shared by all clones; made at their first use, by the thread that waits for their answers,
    /// and replaced when Redis is found again after a failure.
    connections: Arc<[ArcSwap<ConnectionManager>]>,
    script: Script,
    prefix: String,
    timeout: Duration,
}

impl RedisLimiter {
    /// Prepares connections that are made at their first use.
    pub(super) fn new(client: Client, prefix: &str, timeout: Duration) -> Result<Self, RedisError> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            // `take` has a timeout around all of it.
            .set_response_timeout(None)
            .set_pipeline_buffer_size(PIPELINE_BUFFER);
        Ok(Self {
            connections: lazy_connections(&client, &config)?
                .into_iter()
                .map(ArcSwap::new)
                .collect(),
            client,
            config,
            script: Script::new(SCRIPT),
            prefix: prefix.to_owned(),
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
        let mut invocation = self.script.key(format!("{names}:key:{client}"));
        invocation
            .key(format!("{names}:company"))
            .arg(cost.all)
            .arg(cost.taken);
        for quota in [quotas.key, quotas.company] {
            invocation
                .arg(quota.limit())
                .arg(quota.window().as_micros().to_string());
        }

        let connection = &self.connections[threads::number() % CONNECTIONS];
        let mut connection = ConnectionManager::clone(&connection.load());
        let answer = invocation.invoke_async::<(bool, f64, f64)>(&mut connection);
        let (is_allowed, key, company) = tokio::time::timeout(self.timeout, answer)
            .await
            .map_err(|_| RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut)))??;
        let used = KeyAndCompany { key, company };
        Ok(KeyAndCompany::decided(quotas, cost.all, used, is_allowed))
    }

    /// Connects anew, and gives up the old connections if Redis answers. They may be dead without
    /// knowing: a peer that vanished, behind a virtual address say, sends no word of it.
    pub(super) async fn reconnect(&self) -> bool {
        let attempt = async {
            let mut connection =
                ConnectionManager::new_with_config(self.client.clone(), self.config.clone())
                    .await?;
            redis::cmd("PING")
                .query_async::<()>(&mut connection)
                .await?;
            lazy_connections(&self.client, &self.config)
        };
        let patience = CONNECT_TIMEOUT + self.timeout;
        let Ok(Ok(fresh)) = tokio::time::timeout(patience, attempt).await else {
            return false;
        };
        for (connection, fresh) in self.connections.iter().zip(fresh) {
            connection.store(fresh);
        }
        true
    }
}

fn lazy_connections(
    client: &Client,
    config: &ConnectionManagerConfig,
) -> Result<Vec<Arc<ConnectionManager>>, RedisError> {
    let connection = |_| ConnectionManager::new_lazy_with_config(client.clone(), config.clone());
    (0..CONNECTIONS)
        .map(|number| connection(number).map(Arc::new))
        .collect()
}
