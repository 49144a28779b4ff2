//! `PATCH /public/v1/custom-fields/{key}`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use utoipa::ToSchema;

use super::definition::{
    CustomFieldResponse, UNKNOWN_FIELD, label, options, publish_change, read_options, type_name,
};
use crate::domain::{Actor, FieldChange, FieldKey, FieldTypeName, Label, Scope};
use crate::http::public::caller::{Authorized, CustomFieldsWrite};
use crate::http::shared::{
    ApiError, AppState, JsonBody, OneContact, PathValue, Reader, boolean, invalid, parsed_label,
};

/// A change of a definition. A field that is absent or `null` stays unchanged, except `category`, which `null`
/// removes.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CustomFieldChange {
    #[schema(schema_with = label)]
    display_name: Option<Label>,
    #[serde(rename = "type")]
    field_type: Option<FieldTypeName>,
    #[schema(schema_with = options)]
    options: Option<Vec<Label>>,
    #[schema(schema_with = label)]
    category: Option<Option<Label>>,
    /// Whether contacts can be filtered by the field.
    filterable: Option<bool>,
}

impl CustomFieldChange {
    fn read(text: &str) -> Result<FieldChange, ApiError> {
        let mut reader = Reader::new(text)?;
        if let Some(raw) = reader.take("key") {
            let reason = "cannot be changed: delete the definition, and make another one";
            reader.errors.add(invalid("key", reason, raw));
        }
        let sent = Self {
            display_name: reader.optional("displayName", parsed_label),
            field_type: reader.optional("type", type_name),
            options: reader.optional("options", read_options),
            category: reader.resettable("category", parsed_label),
            filterable: reader.optional("filterable", boolean),
        };
        reader.finish(UNKNOWN_FIELD)?;
        Ok(FieldChange {
            display_name: sent.display_name,
            field_type: sent.field_type,
            options: sent.options,
            category: sent.category,
            filterable: sent.filterable,
        })
    }
}

/// Updates the definition of a custom field.
///
/// Only the sent fields change. Stored values of contacts stay unchanged. Safe to repeat: a repeated request
/// changes nothing.
#[utoipa::path(
    patch, path = "/public/v1/custom-fields/{key}",
    security(("apiKey" = [Scope::CustomFieldsWrite])),
    params(PathValue::<FieldKey>),
    request_body(content = CustomFieldChange,
        example = json!({"options": ["free", "pro", "enterprise"]})),
    responses(
        (status = 200, description = "The updated definition.", body = CustomFieldResponse,
            example = json!(CustomFieldResponse::sample())),
    ),
)]
pub(in crate::http::public) async fn update_custom_field(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<CustomFieldsWrite>,
    PathValue(key): PathValue<FieldKey>,
    body: JsonBody<OneContact>,
) -> Result<Json<CustomFieldResponse>, ApiError> {
    let change = CustomFieldChange::read(body.text())?;
    let company = principal.company;
    let actor = Actor::key(&principal.client, state.origin_of(&request));
    let definition = state
        .store
        .update_custom_field(company, &actor, &key, &change)
        .await?;
    publish_change(&state, company, definition.id).await;
    Ok(Json(definition.into()))
}
