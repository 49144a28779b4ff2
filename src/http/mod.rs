//! HTTP: the public API, the admin API, the console, the operations port, and what they share.

mod admin;
pub mod console;
mod openapi;
mod ops;
mod public;
mod shared;

pub use admin::{admin_document, admin_resources, admin_routes};
pub use ops::routes as ops_routes;
pub use public::{public_document, routes};
pub use shared::client_address::TrustedProxies;
pub use shared::connections::Connections;
pub use shared::failure_limit::FailureLimit;
pub use shared::request_id::identify_request;
pub use shared::request_log::RequestLog;
pub use shared::state::AppState;
