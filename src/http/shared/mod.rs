//! What the APIs, the console and the operations port share: state, bodies, errors, layers around handlers.

pub(in crate::http) mod answer;
pub(in crate::http) mod answer_body;
pub(in crate::http) mod bearer;
pub(in crate::http) mod body;
pub(in crate::http) mod client_address;
pub(in crate::http) mod connections;
pub(in crate::http) mod error;
pub(in crate::http) mod error_causes;
pub(in crate::http) mod error_response;
pub(in crate::http) mod failure_limit;
pub(in crate::http) mod field_error;
pub(in crate::http) mod members;
pub(in crate::http) mod page;
pub(in crate::http) mod path;
pub(in crate::http) mod rate_limit_headers;
pub(in crate::http) mod request_id;
pub(in crate::http) mod request_log;
pub(in crate::http) mod resource;
pub(in crate::http) mod response_headers;
pub(in crate::http) mod state;
pub(in crate::http) mod unread;
