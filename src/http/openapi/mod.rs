//! Endpoints, their OpenAPI documents and the page that shows a document.

pub(in crate::http) mod common_errors;
pub(in crate::http) mod docs;
pub(in crate::http) mod document;
pub(in crate::http) mod endpoint;
pub(in crate::http) mod headers;
pub(in crate::http) mod samples;
pub(in crate::http) mod schemas;
