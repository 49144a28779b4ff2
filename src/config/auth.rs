//! The settings of authentication.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::KeyList;
use super::formats::{duration, paths, quota};
use crate::domain::{Quota, TokenKey, TokenKeys};

/// Authentication.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(try_from = "AuthKeys", into = "AuthKeys")]
pub struct Auth {
    /// The secrets of the checksums of API keys.
    pub token_key: KeyList,
    /// The secrets that sign access tokens if there is no private key.
    pub jwt_key: KeyList,
    /// The PEM file of the private key that signs access tokens.
    pub jwt_private_key: Option<PathBuf>,
    /// The PEM files of the public keys that verify access tokens.
    pub jwt_public_keys: Vec<PathBuf>,
    /// The limit of failed authentications per client address.
    pub failure_quota: Quota,
    /// How long a cached key is valid.
    pub cache_ttl: Duration,
    /// The maximum number of cached keys.
    pub cache_capacity: u64,
    /// The maximum number of active API keys of one company.
    pub keys_per_company: u32,
}

/// The section as it is written in a file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct AuthKeys {
    token_key: KeyList,
    jwt_key: KeyList,
    jwt_private_key: Option<PathBuf>,
    #[serde(deserialize_with = "paths")]
    jwt_public_keys: Vec<PathBuf>,
    failure_limit: u32,
    #[serde(with = "duration")]
    failure_window: Duration,
    #[serde(with = "duration")]
    cache_ttl: Duration,
    cache_capacity: u64,
    keys_per_company: u32,
}

impl TryFrom<AuthKeys> for Auth {
    type Error = String;

    fn try_from(keys: AuthKeys) -> Result<Self, String> {
        Ok(Self {
            failure_quota: quota(
                "auth.failure_limit",
                keys.failure_limit,
                keys.failure_window,
            )?,
            token_key: keys.token_key,
            jwt_key: keys.jwt_key,
            jwt_private_key: keys.jwt_private_key,
            jwt_public_keys: keys.jwt_public_keys,
            cache_ttl: keys.cache_ttl,
            cache_capacity: keys.cache_capacity,
            keys_per_company: keys.keys_per_company,
        })
    }
}

impl From<Auth> for AuthKeys {
    fn from(settings: Auth) -> Self {
        Self {
            token_key: settings.token_key,
            jwt_key: settings.jwt_key,
            jwt_private_key: settings.jwt_private_key,
            jwt_public_keys: settings.jwt_public_keys,
            failure_limit: settings.failure_quota.limit(),
            failure_window: settings.failure_quota.window(),
            cache_ttl: settings.cache_ttl,
            cache_capacity: settings.cache_capacity,
            keys_per_company: settings.keys_per_company,
        }
    }
}

impl Auth {
    /// The secrets of the checksums of tokens.
    #[must_use]
    pub fn token_keys(&self) -> TokenKeys {
        TokenKeys::new(
            TokenKey::new(self.token_key.current()),
            self.token_key.retired().iter().map(TokenKey::new).collect(),
        )
    }
}
