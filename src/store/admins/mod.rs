//! Administrators: accounts, identities, sign-ins and sessions.

pub(super) mod accounts;
pub(super) mod changes;
pub(super) mod identities;
pub(super) mod removal;
pub(super) mod sessions;
pub(super) mod sign_ins;
