//! Sessions, and the account of the current administrator.

pub(super) mod me;
pub(super) mod passwords;
mod secrets;
pub(super) mod sessions;
mod tokens;
