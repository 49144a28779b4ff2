//! The settings of commands other than `serve`: each asks only for what it uses.

use std::time::Duration;

use super::layers::{ConfigError, DATABASE_URL, MIGRATE_URL, REDIS_URL, Sources, TOKEN_KEY};
use super::{Admin, Batching, Database, Redis, Settings};
use crate::domain::{Quota, TokenKeys};

/// What `rubrica migrate` uses: the database alone.
pub struct MigrationSettings {
    /// How to connect. If `migrate_url` is set, `url` may be a placeholder.
    pub database: Database,
}

/// What commands use that manage companies, keys and administrators.
pub struct ManagementSettings {
    /// How to connect to Postgres.
    pub database: Database,
    /// How many connections are for batches.
    pub batching: Batching,
    /// How to announce changes.
    pub redis: Redis,
    /// Limits and lifetimes of administrators.
    pub admin: Admin,
    /// How often one address may fail.
    pub failure_quota: Quota,
    /// How long replicas may remember a key.
    pub cache_ttl: Duration,
    /// Live API keys of one company, at most.
    pub keys_per_company: u32,
    /// The secrets of new API keys, for commands that make one.
    pub token_keys: Option<TokenKeys>,
}

impl MigrationSettings {
    /// Takes what `rubrica migrate` uses.
    ///
    /// # Errors
    /// If it is missing, or anything that is set is wrong.
    pub fn take(sources: Sources) -> Result<Self, ConfigError> {
        let url = if sources.is_set(MIGRATE_URL) {
            MIGRATE_URL
        } else {
            DATABASE_URL
        };
        let database = sources.settings_with(&[url])?.database;
        Ok(Self { database })
    }
}

impl ManagementSettings {
    /// Takes what a command uses that makes no API key.
    ///
    /// # Errors
    /// If it is missing, or anything that is set is wrong.
    pub fn take(sources: Sources) -> Result<Self, ConfigError> {
        let settings = sources.settings_with(&[DATABASE_URL, REDIS_URL])?;
        Ok(Self::new(settings, None))
    }

    /// Takes what a command uses that makes an API key.
    ///
    /// # Errors
    /// If it is missing, or anything that is set is wrong.
    pub fn take_to_issue_keys(sources: Sources) -> Result<Self, ConfigError> {
        let settings = sources.settings_with(&[DATABASE_URL, REDIS_URL, TOKEN_KEY])?;
        let token_keys = settings.auth.token_keys();
        Ok(Self::new(settings, Some(token_keys)))
    }

    fn new(settings: Settings, token_keys: Option<TokenKeys>) -> Self {
        Self {
            failure_quota: settings.auth.failure_quota,
            cache_ttl: settings.auth.cache_ttl,
            keys_per_company: settings.auth.keys_per_company,
            database: settings.database,
            batching: settings.batching,
            redis: settings.redis,
            admin: settings.admin,
            token_keys,
        }
    }
}
