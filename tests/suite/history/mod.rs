//! Histories: what several callers did to one contact and saw of it, and whether one order of the writes
//! explains all of it.
//!
//! Each write adds a custom field of its own key, and puts its number into a field that all writes share:
//! a set and a register. A write that is lost, undone or repeated later, and a read of old data, show in
//! one of the two.

mod checker;
mod contact;
mod cut_commits;
mod violations;

pub use checker::{History, Read, Violation, Write, WriteNumber};
pub use contact::{read, write};
