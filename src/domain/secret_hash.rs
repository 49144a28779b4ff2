//! Hashes of secrets.

use std::fmt;

/// An argon2id hash of a secret: a PHC string, with its own parameters and salt.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretHash(String);

impl SecretHash {
    /// Wraps a PHC string.
    #[must_use]
    pub const fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string, for the database and for argon2 alone.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Prints nothing: a leaked hash allows guessing the secret.
impl fmt::Debug for SecretHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretHash")
    }
}
