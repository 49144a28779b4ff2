//! How endpoints are described and documented, and the page that shows an OpenAPI document.

pub(in crate::http) mod docs;
pub(in crate::http) mod document;
pub(in crate::http) mod endpoint;
pub(in crate::http) mod headers;
pub(in crate::http) mod refusals;
pub(in crate::http) mod samples;
pub(in crate::http) mod schemas;
