//! Live keys that can no longer be used, because the deployment lost their secret.

use std::fmt;

use crate::domain::{TokenKey, TokenKeys};
use crate::store::{Store, StoreError};

/// Live API keys that were made under a secret which is not configured any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrphanedKeys {
    /// Names the missing secret.
    pub fingerprint: String,
    /// How many keys are refused for want of it.
    pub live_keys: i64,
}

impl fmt::Display for OrphanedKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} live API keys are refused: the secret they were made under (fingerprint {}) is missing from auth.token_key",
            self.live_keys, self.fingerprint
        )
    }
}

/// Compares the live keys with the configured secrets.
///
/// # Errors
/// If the database does not answer.
pub async fn orphaned_keys(
    store: &Store,
    token_keys: &TokenKeys,
) -> Result<Vec<OrphanedKeys>, StoreError> {
    let configured: Vec<String> = token_keys.iter().map(TokenKey::fingerprint).collect();
    let counts = store.count_keys_by_token_key().await?;
    Ok(counts
        .into_iter()
        .filter(|(fingerprint, _)| !configured.contains(fingerprint))
        .map(|(fingerprint, live_keys)| OrphanedKeys {
            fingerprint,
            live_keys,
        })
        .collect())
}
