//! The OpenAPI document of the admin API.

use std::sync::LazyLock;

use super::caller::ACCESS_TOKEN;
use super::common_errors::{common_errors, needs_a_session};
use super::endpoints::ENDPOINTS;
use crate::http::openapi::document::{Description, Document, document};
use crate::http::openapi::headers;

static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    let description = Description {
        title: "Rubrica: administration",
        introduction: include_str!("introduction.md"),
        scheme: [ACCESS_TOKEN, "JWT", "The access token of a session."],
        location: ["^/admin/v1/", "/admin/v1/companies/1"],
        errors: common_errors(),
        headers: |operation| {
            if needs_a_session(operation) {
                &headers::AUTHENTICATED
            } else {
                &[]
            }
        },
        // An empty list says that the operation needs no authentication.
        authorize: |operation| {
            operation.security.get_or_insert_default();
        },
    };
    document(&description, &ENDPOINTS)
});

/// The OpenAPI document of the admin API.
///
/// # Errors
/// It cannot be written as JSON.
pub fn admin_document() -> Document {
    DOCUMENT.clone()
}
