//! Authentication of API keys and administrators.
//!
//! An API key is checked in this order: the checksum of its token, the cache, then the database and argon2 on a
//! blocking thread. Redis announces changed keys and companies. Administrators have passwords and access tokens.

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
