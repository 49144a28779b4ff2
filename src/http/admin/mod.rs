//! `/admin/v1`: the admin API.

mod account;
mod admins;
mod audit;
mod caller;
mod common_errors;
mod companies;
mod document;
mod endpoints;
mod keys;
mod query;
mod schemas;

use actix_web::web;

pub use self::document::admin_document;
use self::endpoints::ENDPOINTS;
use crate::http::openapi::docs;
use crate::http::openapi::document::document_route;
use crate::http::openapi::endpoint::register;
use crate::http::shared::resource::{no_resource, open_resource};

/// Registers the admin API, and 404 for all other paths.
pub fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .configure(admin_resources)
        .default_service(no_resource());
}

/// Registers the admin API without a default route.
pub fn admin_resources(config: &mut web::ServiceConfig) {
    register(config, &ENDPOINTS);
    config
        .service(open_resource(
            "/admin/openapi.json",
            document_route(admin_document),
        ))
        .configure(docs::at("/admin/docs", "Rubrica admin API"));
}
