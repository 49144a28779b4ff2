//! The OpenAPI documents: what both have in common, and the page that shows them.

pub(in crate::http) mod common;
pub(in crate::http) mod docs;
pub(in crate::http) mod headers;
pub(in crate::http) mod refusals;
pub(in crate::http) mod served;
