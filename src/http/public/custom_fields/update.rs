//! `PATCH /public/v1/custom-fields/{key}`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use utoipa::ToSchema;

use super::definition::{
    CustomFieldResponse, NO_FIELD, label, options, read_options, settle, type_name,
};
use crate::domain::{Actor, FieldChange, FieldKey, FieldTypeName, Label, Scope};
use crate::http::public::caller::{Authorized, CustomFieldsWrite};
use crate::http::shared::{
    ApiError, AppState, JsonBody, OneContact, PathValue, Reader, boolean, invalid, parsed_label,
};

/// What is to change of a definition: what is not sent stays. What is `null` stays, too, but for `category`,
/// which `null` resets.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CustomFieldChange {
    #[schema(schema_with = label)]
    display_name: Option<Label>,
    #[serde(rename = "type")]
    field_type: Option<FieldTypeName>,
    #[schema(schema_with = options)]
    options: Option<Vec<Label>>,
    /// `null` takes it out of its category.
    #[schema(schema_with = label)]
    category: Option<Option<Label>>,
    /// Whether contacts can be filtered by it.
    filterable: Option<bool>,
}

impl CustomFieldChange {
    /// Reads a change of a definition.
    ///
    /// # Errors
    /// Every bad field.
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
        reader.finish(NO_FIELD)?;
        Ok(FieldChange {
            display_name: sent.display_name,
            field_type: sent.field_type,
            options: sent.options,
            category: sent.category,
            filterable: sent.filterable,
        })
    }
}

/// Changes a definition.
///
/// Only what is sent changes. Values that are stored already stay. Safe to repeat: a repeated change
/// finds its values there already.
#[utoipa::path(
    patch,
    path = "/public/v1/custom-fields/{key}",
    operation_id = "updateCustomField",
    security(("apiKey" = [Scope::CustomFieldsWrite])),
    params(PathValue::<FieldKey>),
    request_body(content = CustomFieldChange,
        example = json!({"options": ["free", "pro", "enterprise"]})),
    responses(
        (status = 200, description = "The definition as it is now.", body = CustomFieldResponse,
            example = json!(CustomFieldResponse::sample())),
    ),
)]
pub(in crate::http::public) async fn update(
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
    settle(&state, company, definition.id).await;
    Ok(Json(definition.into()))
}
