//! How an OpenAPI document is made of endpoints, in a form that generators of clients and linters take.
//!
//! To add an operation, put `#[utoipa::path(…)]` on its handler and the handler into the list of its API's
//! endpoints. What all operations have in common is added here. Tests send each example.

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

use super::endpoint::Endpoint;
use super::headers;
use super::refusals::Refusal;
use crate::http::shared::{ApiError, ErrorResponse};

const REQUEST_ID: &str = "RequestId";

/// A finished document: JSON text, or why there is none.
pub type Document = Result<Bytes, String>;

/// What an API says of itself, besides its endpoints.
pub(in crate::http) struct Description {
    pub(in crate::http) title: &'static str,
    /// In Markdown.
    pub(in crate::http) introduction: &'static str,
    /// The name of the security scheme, the form of its bearer tokens, and what they are.
    pub(in crate::http) scheme: [&'static str; 3],
    /// What `Location` matches, and an example.
    pub(in crate::http) location: [&'static str; 2],
    pub(in crate::http) refusals: Vec<Refusal>,
    /// The headers that the answers of an operation have, besides those of every answer.
    pub(in crate::http) headers: fn(&Operation) -> &'static [&'static str],
    /// Says who may call an operation.
    pub(in crate::http) authorize: fn(&mut Operation),
}

/// Makes the document of an API.
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
        take_merge_patches(path);
        for operation in operations(path) {
            let headers = (description.headers)(operation);
            complete(operation, &description.refusals, headers);
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
            .description(Some("The server that this document comes from."))
            .build()]))
        .paths(paths)
        .components(Some(components))
        .build();
    finish(&document)
}

/// The handler of a document.
pub(in crate::http) fn served(document: fn() -> Document) -> Route {
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

/// What operations refer to.
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
            "Names the request in the answer, and in the service's log and record. What is not 1 to \
             128 printable ASCII characters is replaced. What holds other characters than letters, \
             digits, `.`, `_` and `-` stands on the answer alone: it is not recorded.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
    let parameter = RefOr::T(request_id.build());
    components
        .parameters
        .insert(REQUEST_ID.to_owned(), parameter);
    let [location, example] = description.location;
    headers::describe(&mut components, location, example);
    for refusal in &description.refusals {
        let response = RefOr::T(refusal.response());
        components
            .responses
            .insert(refusal.name.to_owned(), response);
    }
    let mut schemas = vec![(ErrorResponse::name().into_owned(), ErrorResponse::schema())];
    ErrorResponse::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components
}

/// A handler that serves both PUT and PATCH has one id, where each operation needs its own.
fn separate_ids(path: &mut PathItem) {
    if let (Some(put), Some(patch)) = (&mut path.put, &path.patch)
        && put.operation_id == patch.operation_id
        && let Some(id) = &mut put.operation_id
    {
        id.push_str("WithPut");
    }
}

/// PATCH takes the same body under the name of what it does (RFC 7396), too; all answers of its path say so.
fn take_merge_patches(path: &mut PathItem) {
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

/// Adds the errors that an operation may answer, and the headers of its answers; `limited` are those
/// that its own answers have.
fn complete(operation: &mut Operation, refusals: &[Refusal], limited: &[&str]) {
    for refusal in refusals {
        if refusal.is_of(operation) {
            let response = Ref::from_response_name(refusal.name);
            let responses = &mut operation.responses.responses;
            responses.insert(refusal.status(), RefOr::Ref(response));
        }
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            // What the handler names by name alone is described with all other headers.
            let named: Vec<String> = response.headers.keys().cloned().collect();
            let named: Vec<&str> = named.iter().map(String::as_str).collect();
            headers::add(response, &named);
            headers::add(response, &headers::EVERYWHERE);
            headers::add(response, limited);
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
