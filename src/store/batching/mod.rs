//! Batching: concurrent upserts share transactions, and concurrent lookups share queries.

pub(super) mod batch_time;
pub(super) mod call_span;
pub(super) mod fair_queue;
pub(super) mod lookups;
pub(super) mod unbatched_calls;
pub(super) mod upserts;
