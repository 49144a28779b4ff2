//! `/admin/v1`: what administrators do, over HTTP.

mod account;
mod admins;
mod answers;
mod audit;
mod bodies;
mod caller;
mod companies;
pub(in crate::http) mod document;
mod documented_bodies;
mod examples;
mod key_usage;
mod keys;
mod queries;
pub(in crate::http) mod refusals;
mod routes;
mod shown_once;

pub(in crate::http) use document::needs_a_session;
pub(in crate::http) use routes::resources;
pub use routes::routes;
