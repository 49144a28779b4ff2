//! Handlers of custom-field definitions.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use actix_web::{Either, HttpRequest, HttpResponse};
use serde::Serialize;
use tracing::debug;

use super::body::{parse_change, parse_new};
use crate::auth::Change;
use crate::domain::{
    Actor, CompanyId, CustomFieldDefinition, DefinitionId, FieldKey, Label, Scope,
};
use crate::http::public::answers::{CustomField, CustomFieldList};
use crate::http::public::caller::{Authorized, CustomFieldsRead, CustomFieldsWrite};
use crate::http::public::document::CUSTOM_FIELDS;
use crate::http::public::documented_bodies::{CustomFieldChange, NewCustomField};
use crate::http::public::examples;
use crate::http::public::parameters::{ByKey, CustomFieldQuery};
use crate::http::shared::body::{JsonBody, OneContact};
use crate::http::shared::error::ApiError;
use crate::http::shared::page::read_query;
use crate::http::shared::path::PathValue;
use crate::http::shared::state::AppState;

/// How long a call waits for a filter that it makes or ends. A larger one is finished in the
/// background.
const FILTER_PATIENCE: Duration = Duration::from_secs(2);

/// All of a kind.
#[derive(Debug, Serialize)]
pub(in crate::http) struct Listed<T> {
    data: Vec<T>,
}

/// The definitions of one category.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Category {
    /// `null`: those without one.
    category: Option<Label>,
    custom_fields: Vec<CustomFieldDefinition>,
}

type Grouped = Either<Json<Listed<CustomFieldDefinition>>, Json<Listed<Category>>>;

/// Lists the definitions of custom fields.
///
/// In the order of their keys; with `groupBy=category` by category, those without one last.
#[utoipa::path(
    get,
    path = "/public/v1/custom-fields",
    operation_id = "listCustomFields",
    tag = CUSTOM_FIELDS,
    security(("apiKey" = [Scope::CustomFieldsRead])),
    params(CustomFieldQuery),
    responses(
        (status = 200, description = "All definitions.", body = CustomFieldList,
            example = json!(examples::custom_fields())),
    ),
)]
pub(in crate::http) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<CustomFieldsRead>,
) -> Result<Grouped, ApiError> {
    let mut is_grouped = false;
    read_query(request.query_string(), |name, value| match (name, value) {
        ("groupBy", "category") => {
            is_grouped = true;
            Ok(true)
        }
        ("groupBy", _) => Err(ApiError::BadRequest("groupBy must be category".into())),
        _ => Ok(false),
    })?;
    let data = state.store.list_custom_fields(principal.company).await?;
    Ok(if is_grouped {
        Either::Right(Json(grouped(data)))
    } else {
        Either::Left(Json(Listed { data }))
    })
}

/// By name, those without a category last.
fn grouped(definitions: Vec<CustomFieldDefinition>) -> Listed<Category> {
    let mut categories = BTreeMap::<_, Vec<CustomFieldDefinition>>::new();
    for definition in definitions {
        let category = definition.specification.category.clone();
        let place = (category.is_none(), category);
        categories.entry(place).or_default().push(definition);
    }
    let data = categories
        .into_iter()
        .map(|((_, category), custom_fields)| Category {
            category,
            custom_fields,
        })
        .collect();
    Listed { data }
}

/// Reads a definition.
#[utoipa::path(
    get,
    path = "/public/v1/custom-fields/{key}",
    operation_id = "getCustomField",
    tag = CUSTOM_FIELDS,
    security(("apiKey" = [Scope::CustomFieldsRead])),
    params(ByKey),
    responses(
        (status = 200, description = "The definition.", body = CustomField,
            example = json!(examples::custom_field())),
    ),
)]
pub(in crate::http) async fn find(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<CustomFieldsRead>,
    PathValue(key): PathValue<FieldKey>,
) -> Result<Json<CustomFieldDefinition>, ApiError> {
    let definition = state.store.find_custom_field(principal.company, &key);
    Ok(Json(definition.await?.ok_or(ApiError::NoSuchCustomField)?))
}

/// Defines a custom field.
///
/// From then on its values are checked wherever they are written: here at once, by other replicas of
/// the service within a second. What is stored already stays. Safe to repeat: a repeated definition
/// answers 409, and changes nothing.
#[utoipa::path(
    post,
    path = "/public/v1/custom-fields",
    operation_id = "createCustomField",
    tag = CUSTOM_FIELDS,
    security(("apiKey" = [Scope::CustomFieldsWrite])),
    request_body(content = NewCustomField, example = json!(examples::new_custom_field())),
    responses(
        (status = 201, description = "It is defined.", body = CustomField, headers(("Location")),
            example = json!(examples::custom_field())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http) async fn create(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<CustomFieldsWrite>,
    body: JsonBody<OneContact>,
) -> Result<HttpResponse, ApiError> {
    let (key, specification) = parse_new(body.text())?;
    let company = principal.company;
    let actor = Actor::key(&principal.client, state.origin_of(&request));
    let definition = state
        .store
        .create_custom_field(company, &actor, &key, &specification)
        .await?;
    settle(&state, company, definition.id).await;
    let path = percent_encoding::utf8_percent_encode(
        definition.key.as_str(),
        percent_encoding::NON_ALPHANUMERIC,
    );
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/public/v1/custom-fields/{path}")))
        .json(definition))
}

/// Changes a definition.
///
/// Only what is sent changes. Values that are stored already stay. Safe to repeat: a repeated change
/// finds its values there already.
#[utoipa::path(
    patch,
    path = "/public/v1/custom-fields/{key}",
    operation_id = "updateCustomField",
    tag = CUSTOM_FIELDS,
    security(("apiKey" = [Scope::CustomFieldsWrite])),
    params(ByKey),
    request_body(content = CustomFieldChange, example = json!(examples::custom_field_change())),
    responses(
        (status = 200, description = "The definition as it is now.", body = CustomField,
            example = json!(examples::custom_field())),
    ),
)]
pub(in crate::http) async fn update(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<CustomFieldsWrite>,
    PathValue(key): PathValue<FieldKey>,
    body: JsonBody<OneContact>,
) -> Result<Json<CustomFieldDefinition>, ApiError> {
    let change = parse_change(body.text())?;
    let company = principal.company;
    let actor = Actor::key(&principal.client, state.origin_of(&request));
    let definition = state
        .store
        .update_custom_field(company, &actor, &key, &change)
        .await?;
    settle(&state, company, definition.id).await;
    Ok(Json(definition))
}

/// Ends a definition.
///
/// Contacts keep their values. Safe to repeat: a repeated call answers 404.
#[utoipa::path(
    delete,
    path = "/public/v1/custom-fields/{key}",
    operation_id = "deleteCustomField",
    tag = CUSTOM_FIELDS,
    security(("apiKey" = [Scope::CustomFieldsWrite])),
    params(ByKey),
    responses((status = 204, description = "It is ended.")),
)]
pub(in crate::http) async fn delete(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<CustomFieldsWrite>,
    PathValue(key): PathValue<FieldKey>,
) -> Result<HttpResponse, ApiError> {
    let company = principal.company;
    let actor = Actor::key(&principal.client, state.origin_of(&request));
    let definition = state
        .store
        .delete_custom_field(company, &actor, &key)
        .await?;
    settle(&state, company, definition).await;
    Ok(HttpResponse::NoContent().finish())
}

/// After a change is committed: the replicas hear of it, and the filter is built or dropped. What
/// is not done in time, or fails, is done in the background.
async fn settle(state: &AppState, company: CompanyId, definition: DefinitionId) {
    state.invalidations.publish(Change::Company(company)).await;
    let finishing = state.store.finish_filter(company, definition);
    if let Ok(Err(cause)) = tokio::time::timeout(FILTER_PATIENCE, finishing).await {
        debug!(%cause, "a filter is left to be built");
    }
}
