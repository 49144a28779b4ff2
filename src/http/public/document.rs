//! The OpenAPI document, made of the handlers' attributes and of the types that are serialised.
//!
//! To add an operation:
//!
//! 1. put `#[utoipa::path(…)]` on its handler: method, path, id, tag, scope, parameters, body, and
//!    the answers that are its own. What all operations have in common comes from [`common`];
//! 2. name the handler in the list below;
//! 3. put its examples into [`examples`].
//!
//! Tests send each example, and hold the document to the route table.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use utoipa::OpenApi;

use super::answers;
use super::contacts::{batch, change as contacts, list as contact_list, read as contact_reads};
use super::custom_fields::definitions as custom_fields;
use super::suppressions;
use crate::http::openapi::common::Common;
use crate::http::openapi::served;
use crate::http::shared::error::ApiError;

/// The tag of contacts.
pub(in crate::http) const CONTACTS: &str = "Contacts";
/// The tag of custom-field definitions.
pub(in crate::http) const CUSTOM_FIELDS: &str = "Custom fields";
/// The name of the security scheme.
pub(in crate::http) const API_KEY: &str = "apiKey";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Rubrica",
        description = include_str!("introduction.md"),
    ),
    tags(
        (name = CONTACTS, description = "The people a company knows."),
        (name = CUSTOM_FIELDS, description = "What a company says of its custom fields. All of it is optional: an undefined field is stored as it is, unless the company is set to refuse it."),
    ),
    paths(
        contacts::upsert,
        contact_list::list,
        batch::upsert_all,
        contact_reads::find_by_email,
        contact_reads::find_by_phone,
        contact_reads::find,
        contacts::update,
        contacts::delete,
        contact_reads::consent_events,
        suppressions::erase,
        suppressions::lift,
        custom_fields::list,
        custom_fields::create,
        custom_fields::find,
        custom_fields::update,
        custom_fields::delete,
    ),
    components(schemas(answers::ErrorEnvelope)),
    modifiers(&Common),
)]
struct Document;

static DOCUMENT: LazyLock<served::Document> = LazyLock::new(|| served::finish(Document::openapi()));

/// The OpenAPI document of the public API.
///
/// # Errors
/// It cannot be written as JSON.
pub fn public_document() -> served::Document {
    DOCUMENT.clone()
}

/// `GET /openapi.json`
pub(in crate::http) async fn document() -> Result<HttpResponse, ApiError> {
    served::answer(public_document())
}
