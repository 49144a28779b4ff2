//! The decision about a presented token.

use std::sync::Arc;

use super::key_cache::KnownKey;
use super::{KeyCache, Principal};
use crate::ambient;
use crate::domain::TokenKeys;
use crate::retry_after::Unavailable;
use crate::store::ApiKeyRecord;

const SCHEME: &str = "bearer";

/// Turns an `Authorization` header into a [`Principal`].
pub struct Authenticator {
    token_keys: TokenKeys,
    keys: Arc<KeyCache>,
}

/// Why there is no principal.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuthError {
    /// No key, or one that is malformed, unknown, expired or revoked. Callers never learn which.
    #[error("not authenticated")]
    Rejected,
    /// The key cannot be judged now.
    #[error("authentication is unavailable: {0}")]
    Unavailable(Unavailable),
}

impl Authenticator {
    /// Authenticates tokens made under `token_keys`.
    #[must_use]
    pub const fn new(token_keys: TokenKeys, keys: Arc<KeyCache>) -> Self {
        Self { token_keys, keys }
    }

    /// Judges the value of an `Authorization` header.
    ///
    /// # Errors
    /// [`AuthError::Rejected`] for every bad key; [`AuthError::Unavailable`] if the database does
    /// not answer, or too many keys are being checked at once.
    pub async fn authenticate(&self, header: Option<&str>) -> Result<Principal, AuthError> {
        let (scheme, token) = header
            .and_then(|header| header.split_once(' '))
            .ok_or(AuthError::Rejected)?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(AuthError::Rejected);
        }
        let token = self
            .token_keys
            .parse(token.trim())
            .ok_or(AuthError::Rejected)?;
        let key = self.keys.verify(&token).await?.ok_or(AuthError::Rejected)?;
        let KnownKey { record, meter } = &*key;
        // By the clock, not by the cache: a key ends at its moment.
        let is_expired = record
            .expires_at
            .is_some_and(|moment| moment <= ambient::now());
        if record.is_revoked || is_expired {
            return Err(AuthError::Rejected);
        }
        let ApiKeyRecord {
            company,
            settings,
            is_suspended,
            scopes,
            quotas,
            ..
        } = *record;
        let custom_field_rules = Arc::clone(&record.custom_field_rules);
        let client = token.client_id().clone();
        Ok(Principal {
            company,
            settings,
            custom_field_rules,
            is_suspended,
            client,
            scopes,
            quotas,
            meter: Arc::clone(meter),
        })
    }
}
