//! `/public/v1/contacts`

pub(super) mod batch;
mod batch_body;
mod batch_response;
pub(super) mod change;
mod checked_version;
pub(super) mod consent_events;
mod contact;
pub(super) mod delete;
pub(super) mod erase;
pub(super) mod fields;
pub(super) mod list;
mod preconditions;
pub(super) mod read;
pub(super) mod upsert;
mod warning;
