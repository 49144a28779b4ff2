//! The OpenAPI document of the public API.

use std::sync::LazyLock;

use serde_json::json;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;

use super::common_errors::common_errors;
use super::endpoints::ENDPOINTS;
use crate::http::openapi::document::{Description, Document, document};
use crate::http::openapi::headers;

/// The name of the security scheme.
const API_KEY: &str = "apiKey";

static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    let description = Description {
        title: "Rubrica",
        introduction: include_str!("introduction.md"),
        scheme: [
            API_KEY,
            "mn-<client id>-<secret>",
            "The API key of a company.",
        ],
        location: ["^/public/v1/", "/public/v1/custom-fields/PLAN"],
        errors: common_errors(),
        headers: |_| &headers::AUTHENTICATED,
        authorize: name_scope,
    };
    document(&description, &ENDPOINTS)
});

/// The OpenAPI document of the public API.
///
/// # Errors
/// It cannot be written as JSON.
pub fn public_document() -> Document {
    DOCUMENT.clone()
}

/// Moves the scope of an operation from its security requirement to its description and an extension.
/// OpenAPI 3.1 allows it in the security requirement, but linters mistake it for an OAuth scope.
fn name_scope(operation: &mut Operation) {
    let scope = scope(operation);
    operation.security = Some(vec![SecurityRequirement::new(API_KEY, [""; 0])]);
    let extension = ExtensionsBuilder::new().add("x-required-scope", scope.clone());
    operation.extensions = Some(extension.build());
    let needs = format!("Needs the scope `{scope}`.");
    let paragraphs = operation.description.take().into_iter().chain([needs]);
    let description: Vec<String> = paragraphs.filter(|text| !text.is_empty()).collect();
    operation.description = Some(description.join("\n\n"));
}

/// The scope that an operation requires. utoipa exposes it only in the serialized document.
fn scope(operation: &Operation) -> String {
    let security = json!(operation.security);
    let scope = &security[0][API_KEY][0];
    scope.as_str().unwrap_or_default().to_owned()
}
