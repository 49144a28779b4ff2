//! HTTP: the public API, the admin API, the console, the operations port, and what they share.

mod admin;
pub mod console;
mod openapi;
mod ops;
mod public;
mod shared;

pub use admin::{document::admin_document, routes as admin_routes};
pub use ops::routes as ops_routes;
pub use public::{document::public_document, routes::all_routes, routes::routes};
pub use shared::client_address::TrustedProxies;
pub use shared::connections::{Connections, close_refused};
pub use shared::request_id::with_request_id;
pub use shared::request_log::RequestLog;
pub use shared::response_headers::with_response_headers;
pub use shared::state::AppState;
