//! `/admin/v1`: what administrators do, over HTTP.

mod account;
mod admins;
mod answers;
mod audit;
mod bodies;
mod caller;
mod companies;
pub(super) mod document;
mod documented_bodies;
mod examples;
mod key_usage;
mod keys;
mod queries;
mod routes;
mod shown_once;

pub(super) use document::needs_a_session;
pub(super) use routes::resources;
pub use routes::routes;
