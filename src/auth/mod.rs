//! From a bearer token to a [`Principal`]: checksum, cache, argon2 off the async threads, and
//! word from Redis when a key or company changes.

mod authenticator;
mod changes;
mod credential;
mod key_cache;
mod orphans;
mod principal;
mod secret_hash;

pub use authenticator::{AuthError, Authenticator};
pub use changes::{Announcer, Change, announce, listen};
pub use credential::issue_credential;
pub use key_cache::KeyCache;
pub use orphans::{OrphanedKeys, orphaned_keys};
pub use principal::Principal;
pub use secret_hash::hash_password;
