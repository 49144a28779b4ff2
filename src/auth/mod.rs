//! From a bearer token to a [`Principal`]: checksum, cache, argon2 off the async threads, and
//! word from Redis when a key or company changes. And the passwords and tokens of administrators.

mod authenticator;
mod credential;
mod error;
mod invalidation;
mod key_cache;
mod orphans;
mod principal;
mod secret_hash;
mod session_keys;
mod session_tokens;

pub use authenticator::Authenticator;
pub use credential::issue_credential;
pub use error::AuthError;
pub use invalidation::{Change, InvalidationPublisher, PublishError, listen, publish};
pub use key_cache::KeyCache;
pub use orphans::{OrphanedKeys, orphaned_keys};
pub use principal::Principal;
pub use secret_hash::{PasswordVerdict, Passwords, VerifierBusy};
pub use session_tokens::{SessionTokens, TokenSubject};
