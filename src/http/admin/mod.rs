//! `/admin/v1`: what administrators do, over HTTP.

mod account;
mod admins;
mod answers;
mod audit;
mod bodies;
mod caller;
mod companies;
mod document;
mod documented_bodies;
mod endpoints;
mod examples;
mod key_usage;
mod keys;
mod parameters;
mod queries;
mod refusals;
mod shown_once;
mod tags;

use actix_web::web;

pub use self::document::admin_document;
use self::endpoints::ENDPOINTS;
use super::openapi::docs;
use super::openapi::document::served;
use super::openapi::endpoint::register;
use super::shared::resource::{no_resource, open_resource};

/// Registers the admin API, and what answers at all paths that nothing else has.
pub fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .configure(admin_resources)
        .default_service(no_resource());
}

/// Registers the admin API, beside which there may be others.
pub fn admin_resources(config: &mut web::ServiceConfig) {
    register(config, &ENDPOINTS);
    config
        .service(open_resource("/admin/openapi.json", served(admin_document)))
        .configure(docs::at("/admin/docs", "Rubrica admin API"));
}
