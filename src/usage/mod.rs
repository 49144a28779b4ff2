//! What API keys are used for: counted in memory, and written down in the background.
//!
//! Each verified key in memory has a [`KeyMeter`], on which a request counts itself when it is
//! answered. A [`Recorder`] reads all meters every few seconds and adds what it read to the hours
//! in the database, in one statement for many keys. Replicas add up.
//!
//! Nothing is counted twice: what was read is tried again under the same number until the database
//! has it, and the database adds each number once. A process that is killed loses what it counted
//! since its last flush, `usage.flush_interval` at most.

mod meter;
mod meters;
mod recorder;
mod retention;

pub use meter::KeyMeter;
pub use meters::Meters;
pub use recorder::Recorder;
pub use retention::enforce_retention;
