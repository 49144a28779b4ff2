//! Authenticates API keys.

use std::sync::Arc;

use super::key_cache::CachedKey;
use super::{AuthError, KeyCache, Principal};
use crate::ambient;
use crate::domain::TokenKeys;
use crate::store::ApiKeyRecord;

/// Turns a bearer token into a [`Principal`].
pub struct Authenticator {
    token_keys: TokenKeys,
    keys: Arc<KeyCache>,
}

impl Authenticator {
    /// Creates an authenticator of tokens whose checksums were made with `token_keys`.
    #[must_use]
    pub const fn new(token_keys: TokenKeys, keys: Arc<KeyCache>) -> Self {
        Self { token_keys, keys }
    }

    /// Authenticates the bearer token of a request, if it has one.
    ///
    /// # Errors
    /// [`AuthError::Rejected`] for every invalid key; [`AuthError::Unavailable`] if the database does
    /// not answer, or if too many keys are being checked at the same time.
    pub async fn authenticate(&self, token: Option<&str>) -> Result<Principal, AuthError> {
        let token = token
            .and_then(|token| self.token_keys.parse(token))
            .ok_or(AuthError::Rejected)?;
        let key = self.keys.verify(&token).await?.ok_or(AuthError::Rejected)?;
        let CachedKey { record, meter } = &*key;
        // Checked here and not in the cache, so that a key expires exactly on time.
        let is_expired = record
            .expires_at
            .is_some_and(|expires_at| expires_at <= ambient::now());
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
