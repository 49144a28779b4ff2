//! The OpenAPI document says what is so, and all of it.

mod answers;
mod document;
mod generators;
mod page;
mod specification;

pub use specification::{Operation, Specification};
