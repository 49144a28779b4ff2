//! Why a bearer token is not accepted.

use crate::retry_after::Unavailable;

/// Why a request is not authenticated.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuthError {
    /// The key is missing, malformed, unknown, expired or revoked. The response does not say which.
    #[error("not authenticated")]
    Rejected,
    /// The key cannot be checked now.
    #[error("authentication is unavailable: {0}")]
    Unavailable(Unavailable),
}
