//! `/public/v1`: the contacts, custom fields and suppressions of a company, over HTTP.

mod admission;
mod caller;
mod contacts;
mod custom_fields;
mod document;
mod endpoints;
mod path_variables;
mod refusals;
mod suppressions;

use actix_web::web;

pub use self::document::public_document;
use self::endpoints::ENDPOINTS;
use crate::http::openapi::docs;
use crate::http::openapi::document::served;
use crate::http::openapi::endpoint::register;
use crate::http::shared::resource::{no_resource, open_resource};

/// Registers the public API, and what answers at all paths that nothing else has.
pub fn routes(config: &mut web::ServiceConfig) {
    register(config, &ENDPOINTS);
    config
        .service(open_resource("/openapi.json", served(public_document)))
        .configure(docs::at("/docs", "Rubrica API"))
        .default_service(no_resource());
}
