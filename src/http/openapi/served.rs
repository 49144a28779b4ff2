//! The documents as they are served: what both have in common, in a form that generators of clients
//! and linters take.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use serde_json::Value;
use utoipa::openapi::{ContactBuilder, LicenseBuilder, OpenApi, ServerBuilder};

use crate::http::shared::error::ApiError;

/// A finished document: JSON text, or why there is none.
pub type Document = Result<Bytes, String>;

/// Finishes a document.
pub(in crate::http) fn finish(mut document: OpenApi) -> Document {
    let contact = ContactBuilder::new().name(Some("The operator of this service"));
    document.info.contact = Some(contact.build());
    let license = LicenseBuilder::new()
        .name("Proprietary")
        .identifier(Some("LicenseRef-Proprietary"));
    document.info.license = Some(license.build());
    let server = ServerBuilder::new()
        .url("/")
        .description(Some("The server that this document comes from."));
    document.servers = Some(vec![server.build()]);

    let document = serde_json::to_value(document).map_err(|error| error.to_string())?;
    let document = without_unused(plain_references(document));
    Ok(Bytes::from(document.to_string()))
}

/// Answers with a document.
///
/// # Errors
/// The document could not be made.
pub(in crate::http) fn answer(document: Document) -> Result<HttpResponse, ApiError> {
    let document = document.map_err(ApiError::Internal)?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(document))
}

/// Removes what stands beside a `$ref`. The library puts the comment of a field there. JSON Schema allows
/// it, but several generators make a type of it that does not compile.
fn plain_references(value: Value) -> Value {
    match value {
        Value::Object(mut members) => match members.remove("$ref") {
            Some(reference) => Value::from_iter([("$ref", reference)]),
            None => members
                .into_iter()
                .map(|(name, member)| (name, plain_references(member)))
                .collect(),
        },
        Value::Array(items) => items.into_iter().map(plain_references).collect(),
        other => other,
    }
}

/// Removes the common headers and answers to which nothing refers: linters warn of them.
fn without_unused(mut document: Value) -> Value {
    // Answers first: they refer to headers.
    for kind in ["responses", "headers"] {
        let text = document.to_string();
        if let Some(Value::Object(components)) = document["components"].get_mut(kind) {
            components.retain(|name, _| text.contains(&format!("\"#/components/{kind}/{name}\"")));
        }
    }
    document
}
