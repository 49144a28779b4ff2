//! Why a bearer token is not accepted.

use crate::retry_after::Unavailable;

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
