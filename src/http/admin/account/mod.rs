//! Signing in, and one's own account.

pub(super) mod me;
pub(super) mod passwords;
mod secrets;
pub(super) mod sessions;
mod tokens;
