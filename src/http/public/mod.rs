//! `/public/v1`: the public API for the contacts, custom fields and suppressions of a company.

mod admission;
mod caller;
mod common_errors;
mod contacts;
mod custom_fields;
mod document;
mod endpoints;
mod path_variables;
mod suppressions;

use actix_web::web;

pub use self::document::public_document;
use self::endpoints::ENDPOINTS;
use crate::http::openapi::docs;
use crate::http::openapi::document::document_route;
use crate::http::openapi::endpoint::register;
use crate::http::shared::resource::{no_resource, open_resource};

/// Registers the public API, and 404 for all other paths.
pub fn routes(config: &mut web::ServiceConfig) {
    register(config, &ENDPOINTS);
    config
        .service(open_resource(
            "/openapi.json",
            document_route(public_document),
        ))
        .configure(docs::at("/docs", "Rubrica API"))
        .default_service(no_resource());
}
