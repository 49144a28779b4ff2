//! HTTP: the route table, the middleware, the extractors, the handlers, and the one error type
//! that becomes a response.

mod admin;
mod answer_body;
mod batch;
mod batch_answer;
mod batch_body;
mod body;
mod caller;
mod client_address;
mod connections;
mod contact_body;
mod contact_list;
mod contact_reads;
mod contacts;
mod custom_field_body;
mod custom_fields;
mod docs;
mod entity_tag;
mod error;
mod error_causes;
mod field_error;
mod members;
mod middleware;
mod openapi;
mod ops;
mod page;
mod path;
mod read_only;
mod request_id;
mod request_log;
mod response_headers;
mod routes;
mod state;
mod suppressions;
mod unread;

pub use admin::{document::admin_document, routes as admin_routes};
pub use client_address::TrustedProxies;
pub use connections::{Connections, close_refused};
pub use error::whole_seconds;
pub use openapi::public_document;
pub use ops::routes as ops_routes;
pub use request_id::{current as current_request_id, with_request_id};
pub use request_log::RequestLog;
pub use response_headers::with_response_headers;
pub use routes::{all_routes, routes};
pub use state::AppState;
