//! The settings by section. `config/default.toml` describes each one.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::formats::{duration, networks};
use super::{
    Admin, Audit, Auth, DatabaseUrl, FairShare, Headers, Oidc, Privacy, RateLimit, RedisUrl,
};

/// Bounds the contacts that one transaction locks.
const MAX_BATCH_SIZE: usize = 1000;
/// A part of a batch must fit into half of the queue.
const MIN_QUEUE: usize = 200;

/// Usage is visible within a minute, and the flushes themselves are no significant load.
const FLUSH_INTERVALS: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(30);
const MIN_RETENTION: Duration = Duration::from_hours(24);

/// All settings of one process.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Settings {
    pub http: Http,
    pub ops: Ops,
    pub admin: Admin,
    pub oidc: Oidc,
    pub database: Database,
    pub batching: Batching,
    pub redis: Redis,
    pub rate_limit: RateLimit,
    pub fair_share: FairShare,
    pub auth: Auth,
    pub usage: Usage,
    pub audit: Audit,
    pub privacy: Privacy,
    pub shutdown: Shutdown,
    pub traces: Traces,
    pub log: Log,
}

/// The public port.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Http {
    pub listen: SocketAddr,
    pub workers: usize,
    #[serde(with = "duration")]
    pub keep_alive: Duration,
    #[serde(with = "duration")]
    pub request_timeout: Duration,
    pub body_rate_kib: u64,
    #[serde(with = "duration")]
    pub write_timeout: Duration,
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    pub tls_certificate: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
}

/// The operations port.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Ops {
    pub listen: SocketAddr,
}

/// Postgres.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Database {
    pub url: DatabaseUrl,
    pub migrate_url: Option<DatabaseUrl>,
    pub service_role: Option<String>,
    pub max_connections: usize,
    #[serde(with = "duration")]
    pub connect_timeout: Duration,
    #[serde(with = "duration")]
    pub connection_lifetime: Duration,
    #[serde(with = "duration")]
    pub acquire_timeout: Duration,
    #[serde(with = "duration")]
    pub statement_timeout: Duration,
    #[serde(with = "duration")]
    pub lock_timeout: Duration,
    #[serde(with = "duration")]
    pub deadline: Duration,
}

/// How concurrent upserts, and concurrent lookups, share transactions.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Batching {
    pub writers: usize,
    pub readers: usize,
    pub direct_connections: usize,
    pub size: usize,
    pub queue_capacity: usize,
}

/// Redis.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Redis {
    pub url: Option<RedisUrl>,
    pub prefix: String,
    #[serde(with = "duration")]
    pub timeout: Duration,
}

/// The usage of API keys.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Usage {
    #[serde(with = "duration")]
    pub flush_interval: Duration,
    #[serde(with = "duration")]
    pub retention: Duration,
}

/// The graceful shutdown of the process.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Shutdown {
    #[serde(with = "duration")]
    pub drain_delay: Duration,
    #[serde(with = "duration")]
    pub timeout: Duration,
}

/// Traces.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Traces {
    pub endpoint: Option<String>,
    pub headers: Option<Headers>,
    pub sample_ratio: f64,
    #[serde(with = "duration")]
    pub timeout: Duration,
}

/// Logging.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, else JSON.
    Auto,
    /// One JSON object per line.
    Json,
    /// Text for people.
    Text,
}

impl Settings {
    /// Checks rules that involve several settings, or that the type cannot express.
    pub(super) fn check(&self) -> Result<(), String> {
        self.admin.check()?;
        if self.auth.jwt_private_key.is_some() == self.auth.jwt_public_keys.is_empty() {
            return Err(
                "auth.jwt_private_key, auth.jwt_public_keys: set both or neither".to_owned(),
            );
        }
        if self.http.tls_certificate.is_some() != self.http.tls_key.is_some() {
            return Err("http.tls_certificate, http.tls_key: set both or neither".to_owned());
        }
        if self.http.body_rate_kib == 0 {
            return Err("http.body_rate_kib: must be at least 1".to_owned());
        }
        self.fair_share.check()?;
        self.batching.check(self.database.max_connections)?;
        self.usage.check()?;
        self.audit.check()?;
        self.privacy.check()?;
        self.traces.check()?;
        self.oidc.check()?;
        if self.redis.prefix.is_empty() || self.redis.prefix.contains(['{', '}']) {
            return Err("redis.prefix: must not be empty or contain { or }".to_owned());
        }
        let is_zero = [
            ("http.request_timeout", self.http.request_timeout),
            ("http.write_timeout", self.http.write_timeout),
            ("database.connect_timeout", self.database.connect_timeout),
            (
                "database.connection_lifetime",
                self.database.connection_lifetime,
            ),
            ("database.acquire_timeout", self.database.acquire_timeout),
            (
                "database.statement_timeout",
                self.database.statement_timeout,
            ),
            ("database.lock_timeout", self.database.lock_timeout),
            ("database.deadline", self.database.deadline),
            ("redis.timeout", self.redis.timeout),
            ("auth.cache_ttl", self.auth.cache_ttl),
        ]
        .into_iter()
        .find(|(_, duration)| duration.as_millis() == 0);
        if let Some((key, _)) = is_zero {
            return Err(format!("{key}: must be at least 1ms"));
        }
        tracing_subscriber::EnvFilter::try_new(&self.log.level)
            .map_err(|error| format!("log.level: {error}"))?;
        Ok(())
    }
}

impl Batching {
    /// Connections for batches and for direct calls.
    #[must_use]
    pub const fn connections(&self) -> usize {
        self.writers + self.readers + self.direct_connections
    }

    fn check(&self, max_connections: usize) -> Result<(), String> {
        if self.writers == 0 {
            return Err("batching.writers: must be at least 1".to_owned());
        }
        if self.readers == 0 {
            return Err("batching.readers: must be at least 1".to_owned());
        }
        if max_connections <= self.connections() {
            return Err(
                "database.max_connections: must be more than batching.writers, batching.readers and batching.direct_connections together"
                    .to_owned(),
            );
        }
        if !(1..=MAX_BATCH_SIZE).contains(&self.size) {
            return Err(format!("batching.size: must be 1 to {MAX_BATCH_SIZE}"));
        }
        if self.queue_capacity < MIN_QUEUE {
            return Err(format!(
                "batching.queue_capacity: must be at least {MIN_QUEUE}"
            ));
        }
        Ok(())
    }
}

impl Usage {
    fn check(&self) -> Result<(), String> {
        if !FLUSH_INTERVALS.contains(&self.flush_interval) {
            return Err("usage.flush_interval: must be 100ms to 30s".to_owned());
        }
        if self.retention < MIN_RETENTION {
            return Err("usage.retention: must be at least 24h".to_owned());
        }
        Ok(())
    }
}

impl Traces {
    fn check(&self) -> Result<(), String> {
        if let Some(endpoint) = &self.endpoint {
            let is_http = endpoint.starts_with("http://") || endpoint.starts_with("https://");
            if !is_http || endpoint.contains('@') {
                return Err(
                    "traces.endpoint: must be a URL such as http://collector:4318/v1/traces; \
                     put credentials into traces.headers"
                        .to_owned(),
                );
            }
        }
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            return Err("traces.sample_ratio: must be from 0 to 1".to_owned());
        }
        Ok(())
    }
}
