//! What all operations have in common, added to the document once.

use serde_json::json;
use utoipa::Modify;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{Components, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ObjectBuilder, OpenApi, Ref, RefOr};

use super::headers;
use super::refusals;
use super::refusals::Refusal;
use crate::http::public::document::API_KEY;

const REQUEST_ID: &str = "RequestId";

/// Adds the security scheme, headers, common errors and the scope of each operation.
pub(in crate::http) struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut OpenApi) {
        let refusals = refusals::all();
        let components = document.components.get_or_insert_with(Components::new);
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("mn-<client id>-<secret>")
            .description(Some("The API key of a company."))
            .build();
        components.add_security_scheme(API_KEY, SecurityScheme::Http(scheme));
        describe(
            components,
            &refusals,
            "^/public/v1/",
            "/public/v1/custom-fields/PLAN",
        );
        for path in document.paths.paths.values_mut() {
            separate_ids(path);
            take_merge_patches(path);
            for operation in operations(path) {
                complete(operation, &refusals, &headers::AUTHENTICATED);
                name_scope(operation);
            }
        }
    }
}

/// Describes what operations refer to. What is made is at a path like `location`.
pub(in crate::http) fn describe(
    components: &mut Components,
    refusals: &[Refusal],
    location: &str,
    location_example: &str,
) {
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
    headers::describe(components, location, location_example);
    for refusal in refusals {
        let response = RefOr::T(refusal.response());
        components
            .responses
            .insert(refusal.name.to_owned(), response);
    }
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
pub(in crate::http) fn take_merge_patches(path: &mut PathItem) {
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
pub(in crate::http) fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
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
pub(in crate::http) fn complete(operation: &mut Operation, refusals: &[Refusal], limited: &[&str]) {
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

/// Names the scope of an operation in its description and in an extension. Beside the security scheme, where
/// the handler names it, OpenAPI 3.1 allows it, but linters take it for a scope of OAuth.
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

/// The scope that an operation names. The library shows it in the finished document alone.
fn scope(operation: &Operation) -> String {
    let security = json!(operation.security);
    let scope = &security[0][API_KEY][0];
    scope.as_str().unwrap_or_default().to_owned()
}
