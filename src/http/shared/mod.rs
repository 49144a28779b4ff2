//! State, request bodies, errors and middleware that the APIs, the console and the operations port share.

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
pub(in crate::http) mod middleware;
pub(in crate::http) mod page;
pub(in crate::http) mod path;
pub(in crate::http) mod rate_limit_headers;
pub(in crate::http) mod request_id;
pub(in crate::http) mod request_log;
pub(in crate::http) mod resource;
pub(in crate::http) mod response_body;
pub(in crate::http) mod response_headers;
pub(in crate::http) mod state;
pub(in crate::http) mod unread;

pub(in crate::http) use bearer::bearer;
pub(in crate::http) use body::{Administrative, BodyLimit, JsonBody, ManyContacts, OneContact};
pub(in crate::http) use connections::refused;
pub(in crate::http) use error::ApiError;
pub(in crate::http) use error_response::ErrorResponse;
pub(in crate::http) use field_error::{FieldCode, FieldError};
pub(in crate::http) use members::{
    Errors, NOT_A_TIMESTAMP, Reader, boolean, echo, invalid, object, parsed, parsed_label,
    parsed_timestamp, present, string, unknown, unreadable,
};
pub(in crate::http) use middleware::{MiddlewareResult, catch_panic, refuse};
pub(in crate::http) use page::{Page, PageRequest, read_query};
pub(in crate::http) use path::{ID_PATTERN, PathValue, PathVariable};
pub(in crate::http) use rate_limit_headers::{add_limit, add_limits};
pub(in crate::http) use resource::{no_resource, open_resource};
pub(in crate::http) use response_body::{hold, in_chunks};
pub(in crate::http) use state::AppState;
