//! The settings of commands other than `serve`. Each command requires only the settings that it uses.

use std::time::Duration;

use super::layers::{ConfigError, DATABASE_URL, MIGRATE_URL, REDIS_URL, Sources, TOKEN_KEY};
use super::{Admin, Batching, Database, Redis, Settings};
use crate::domain::{Quota, TokenKeys};

/// The settings of `rubrica migrate`.
pub struct MigrationSettings {
    /// The database. If `migrate_url` is set, `url` may be a placeholder.
    pub database: Database,
}

/// The settings of the commands that manage companies, keys and administrators.
pub struct ManagementSettings {
    /// The database.
    pub database: Database,
    /// How many connections are for batches.
    pub batching: Batching,
    /// The Redis that announces changes to running replicas.
    pub redis: Redis,
    /// The rate limits of administrators and the lifetimes of their tokens.
    pub admin: Admin,
    /// The limit of failed authentications per client address.
    pub failure_quota: Quota,
    /// How long a key in the cache of a replica is valid.
    pub cache_ttl: Duration,
    /// The maximum number of active API keys of one company.
    pub keys_per_company: u32,
    /// The secrets of the checksums of new API keys; `None` for commands that create no key.
    pub token_keys: Option<TokenKeys>,
}

impl MigrationSettings {
    /// Reads the settings of `rubrica migrate`.
    ///
    /// # Errors
    /// If a required setting is missing, or any setting is invalid.
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
    /// Reads the settings of a command that creates no API key.
    ///
    /// # Errors
    /// If a required setting is missing, or any setting is invalid.
    pub fn take(sources: Sources) -> Result<Self, ConfigError> {
        let settings = sources.settings_with(&[DATABASE_URL, REDIS_URL])?;
        Ok(Self::new(settings, None))
    }

    /// Reads the settings of a command that creates an API key: `auth.token_key` is required.
    ///
    /// # Errors
    /// If a required setting is missing, or any setting is invalid.
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
