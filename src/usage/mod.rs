//! The usage of API keys: counted in memory and written to the database in the background.
//!
//! Each cached key has a [`KeyMeter`] that counts a request when it is answered. A [`Recorder`] reads all meters
//! every `usage.flush_interval` and adds the counts to the hours in the database, in one statement for many keys.
//! The database sums the counts of all replicas.
//!
//! No request is counted twice: a failed flush is retried with the same sequence number, and the database adds
//! each sequence number once. A process that is killed loses the requests since its last flush.

mod meter;
mod meters;
mod recorder;
mod retention;

pub use meter::KeyMeter;
pub use meters::Meters;
pub use recorder::Recorder;
pub use retention::enforce_retention;
