//! The limiter that all replicas share.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError, Script};

use super::Decision;
use crate::domain::{ClientId, Quota};

const SCRIPT: &str = include_str!("gcra.lua");
const CONNECT_TIMEOUT: Duration = Duration::from_millis(200);
/// Commands that may wait for a connection that is slow; more are refused at once.
const PIPELINE_BUFFER: usize = 1024;

/// Meters in Redis. Each failure is the caller's to deal with: nothing is tried twice here.
#[derive(Clone)]
pub(super) struct RedisLimiter {
    connection: ConnectionManager,
    script: Script,
    prefix: String,
    timeout: Duration,
}

impl RedisLimiter {
    /// Prepares a connection that is made at its first use and again after each failure.
    pub(super) fn new(client: Client, prefix: &str, timeout: Duration) -> Result<Self, RedisError> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(timeout))
            .set_pipeline_buffer_size(PIPELINE_BUFFER);
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(client, config)?,
            script: Script::new(SCRIPT),
            prefix: prefix.to_owned(),
            timeout,
        })
    }

    /// Takes `cost` requests from the quota of a key: one round trip.
    pub(super) async fn take(
        &self,
        client: &ClientId,
        quota: Quota,
        cost: u32,
    ) -> Result<Decision, RedisError> {
        // The braces are a hash tag: Redis Cluster spreads the keys by what is inside.
        let name = format!("{}:rate_limit:{{{client}}}", self.prefix);
        let window = quota.window().as_micros();
        let mut invocation = self.script.key(name);
        invocation
            .arg(quota.limit())
            .arg(window.to_string())
            .arg(cost);

        let mut connection = self.connection.clone();
        let answer = invocation.invoke_async::<(bool, f64)>(&mut connection);
        let (is_allowed, used) = tokio::time::timeout(self.timeout, answer)
            .await
            .map_err(|_| RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut)))??;
        Ok(Decision::new(quota, cost, used, is_allowed))
    }

    /// Whether Redis answers now.
    pub(super) async fn is_reachable(&self) -> bool {
        let mut connection = self.connection.clone();
        let ping = redis::cmd("PING");
        let answer = ping.query_async::<()>(&mut connection);
        tokio::time::timeout(CONNECT_TIMEOUT + self.timeout, answer)
            .await
            .is_ok_and(|answer| answer.is_ok())
    }
}
