//! `/admin/v1`: what administrators do, over HTTP.

mod account;
mod admins;
mod audit;
mod caller;
mod companies;
mod document;
mod endpoints;
mod keys;
mod query;
mod refusals;
mod schemas;

use actix_web::web;

pub use self::document::admin_document;
use self::endpoints::ENDPOINTS;
use crate::http::openapi::docs;
use crate::http::openapi::document::served;
use crate::http::openapi::endpoint::register;
use crate::http::shared::resource::{no_resource, open_resource};

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
