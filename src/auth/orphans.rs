//! Finds active keys that cannot be used because their secret is missing from `auth.token_key`.

use std::fmt;

use crate::domain::{TokenKey, TokenKeys};
use crate::store::{Store, StoreError};

/// Active API keys whose token key is no longer configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrphanedKeys {
    /// The fingerprint of the missing token key.
    pub fingerprint: String,
    /// The number of active keys that are rejected because of it.
    pub live_keys: i64,
}

impl fmt::Display for OrphanedKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} active API keys are rejected: their secret (fingerprint {}) is missing from auth.token_key",
            self.live_keys, self.fingerprint
        )
    }
}

/// Finds the active keys whose token key is not among `token_keys`.
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
