//! The schema: its migration, and its compatibility with this binary.

pub(super) mod compatibility;
pub(super) mod functions;
pub(super) mod migrate;
mod migrations;
mod release;
