//! Makes an OpenAPI document from endpoints, in a form that client generators and linters accept.
//!
//! To add an operation, put `#[utoipa::path(…)]` on its handler and add the handler to the endpoints of
//! its API. This module adds what all operations have in common. Tests send each example.

use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, Route, web};
use serde_json::Value;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem, Paths};
use utoipa::openapi::schema::{Components, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{
    ContactBuilder, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref,
    RefOr, ServerBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use super::common_errors::CommonError;
use super::endpoint::Endpoint;
use super::headers;
use crate::http::shared::{ApiError, ErrorResponse};

const REQUEST_ID: &str = "RequestId";

/// A finished document as JSON text, or the reason why it could not be made.
pub type Document = Result<Bytes, String>;

/// The parts of a document that are not endpoints.
pub(in crate::http) struct Description {
    pub(in crate::http) title: &'static str,
    /// Markdown.
    pub(in crate::http) introduction: &'static str,
    /// The security scheme: its name, the format of its bearer tokens and its description.
    pub(in crate::http) scheme: [&'static str; 3],
    /// The pattern and an example of `Location`.
    pub(in crate::http) location: [&'static str; 2],
    pub(in crate::http) errors: Vec<CommonError>,
    /// The headers that the responses of an operation have in addition to [`headers::EVERYWHERE`].
    pub(in crate::http) headers: fn(&Operation) -> &'static [&'static str],
    /// Describes who may call an operation.
    pub(in crate::http) authorize: fn(&mut Operation),
}

/// Makes the OpenAPI document of an API.
pub(in crate::http) fn document(description: &Description, endpoints: &[Endpoint]) -> Document {
    let mut paths = Paths::new();
    let mut components = components(description);
    for endpoint in endpoints {
        let methods = endpoint.methods.clone();
        paths.add_path_operation(&endpoint.path, methods, endpoint.operation.clone());
        components.schemas.extend(endpoint.schemas.iter().cloned());
    }
    for path in paths.paths.values_mut() {
        separate_ids(path);
        accept_merge_patches(path);
        for operation in operations(path) {
            let headers = (description.headers)(operation);
            complete(operation, &description.errors, headers);
            (description.authorize)(operation);
        }
    }
    let mut tags: Vec<Tag> = Vec::new();
    for endpoint in endpoints {
        let tag = endpoint.tag;
        if tags.iter().all(|other| other.name != tag.name) {
            let builder = TagBuilder::new().name(tag.name);
            tags.push(builder.description(Some(tag.description)).build());
        }
    }
    let document = OpenApiBuilder::new()
        .info(info(description).build())
        .tags(Some(tags))
        .servers(Some([ServerBuilder::new()
            .url("/")
            .description(Some("The server that returned this document."))
            .build()]))
        .paths(paths)
        .components(Some(components))
        .build();
    finish(&document)
}

/// The route of a document.
pub(in crate::http) fn document_route(document: fn() -> Document) -> Route {
    web::to(move || async move {
        let document = document().map_err(ApiError::Internal)?;
        let mut response = HttpResponse::Ok();
        Ok::<_, ApiError>(response.content_type(ContentType::json()).body(document))
    })
}

fn info(description: &Description) -> InfoBuilder {
    let contact = ContactBuilder::new().name(Some("The operator of this service"));
    let license = LicenseBuilder::new()
        .name("Proprietary")
        .identifier(Some("LicenseRef-Proprietary"));
    InfoBuilder::new()
        .title(description.title)
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(description.introduction))
        .contact(Some(contact.build()))
        .license(Some(license.build()))
}

/// The components that operations refer to.
fn components(description: &Description) -> Components {
    let mut components = Components::new();
    let [name, format, text] = description.scheme;
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format(format)
        .description(Some(text));
    components.add_security_scheme(name, SecurityScheme::Http(scheme.build()));
    let request_id = ParameterBuilder::new()
        .name("X-Request-Id")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "Identifies the request in the response, the logs and the audit log: 1 to 128 printable \
             ASCII characters. Any other value is replaced. A value with characters other than \
             letters, digits, `.`, `_` and `-` appears only in the response; it is not recorded.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
    let parameter = RefOr::T(request_id.build());
    components
        .parameters
        .insert(REQUEST_ID.to_owned(), parameter);
    headers::describe(&mut components, description.location);
    for error in &description.errors {
        let response = RefOr::T(error.response());
        components.responses.insert(error.name.to_owned(), response);
    }
    let mut schemas = vec![(ErrorResponse::name().into_owned(), ErrorResponse::schema())];
    ErrorResponse::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components
}

/// Gives the PUT of a handler that serves PUT and PATCH an id of its own.
fn separate_ids(path: &mut PathItem) {
    if let (Some(put), Some(patch)) = (&mut path.put, &path.patch)
        && put.operation_id == patch.operation_id
        && let Some(id) = &mut put.operation_id
    {
        id.push_str("WithPut");
    }
}

/// PATCH also accepts its body as a JSON merge patch (RFC 7396), and all responses of its path have `Accept-Patch`.
fn accept_merge_patches(path: &mut PathItem) {
    let operation = path.patch.as_mut();
    if let Some(RefOr::T(body)) = operation.and_then(|operation| operation.request_body.as_mut())
        && let Some(content) = body.content.get("application/json").cloned()
    {
        let media_type = "application/merge-patch+json".to_owned();
        body.content.insert(media_type, content);
        for operation in operations(path) {
            for response in operation.responses.responses.values_mut() {
                if let RefOr::T(response) = response {
                    headers::add(response, &["Accept-Patch"]);
                }
            }
        }
    }
}

/// All operations of a path.
fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut path.get,
        &mut path.put,
        &mut path.post,
        &mut path.patch,
        &mut path.delete,
    ]
    .into_iter()
    .flatten()
}

/// Adds the common errors of an operation, the headers of its responses, and `X-Request-Id`.
fn complete(operation: &mut Operation, errors: &[CommonError], headers: &[&str]) {
    for error in errors {
        if error.is_of(operation) {
            let response = Ref::from_response_name(error.name);
            let responses = &mut operation.responses.responses;
            responses.insert(error.status(), RefOr::Ref(response));
        }
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            // The handler gives only the names of its headers.
            let named: Vec<String> = response.headers.keys().cloned().collect();
            let named: Vec<&str> = named.iter().map(String::as_str).collect();
            headers::add(response, &named);
            headers::add(response, &headers::EVERYWHERE);
            headers::add(response, headers);
        }
    }
    let request_id = Ref::new(format!("#/components/parameters/{REQUEST_ID}"));
    let parameters = operation.parameters.get_or_insert_default();
    parameters.push(RefOr::Ref(request_id));
}

fn finish(document: &OpenApi) -> Document {
    let document = serde_json::to_value(document).map_err(|error| error.to_string())?;
    let document = without_unused(plain_references(document));
    Ok(Bytes::from(document.to_string()))
}

/// Removes the siblings of a `$ref`, such as the comment of a field. JSON Schema allows them, but several
/// generators make a type from them that does not compile.
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

/// Removes common headers and responses that nothing refers to, because linters warn about them.
fn without_unused(mut document: Value) -> Value {
    // Responses first: they refer to headers.
    for kind in ["responses", "headers"] {
        let text = document.to_string();
        if let Some(Value::Object(components)) = document["components"].get_mut(kind) {
            components.retain(|name, _| text.contains(&format!("\"#/components/{kind}/{name}\"")));
        }
    }
    document
}
