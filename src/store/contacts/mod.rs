//! Writing, reading and erasing contacts.

pub(super) mod erasure;
pub(super) mod error;
pub(super) mod reads;
pub(super) mod results;
pub(super) mod upsert_call;
pub(super) mod writes;
