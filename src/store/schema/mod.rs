//! The schema: how it is migrated, and whether it fits this release.

pub(super) mod compatibility;
pub(super) mod functions;
pub(super) mod migrate;
mod migrations;
mod release;
