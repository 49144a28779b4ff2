//! The OpenAPI documents are correct and complete.

mod answers;
mod document;
mod generators;
mod page;
mod specification;

pub use specification::{Operation, Specification};
