//! `POST /public/v1/custom-fields`

use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::definition::{
    CustomFieldResponse, UNKNOWN_FIELD, label, options, publish_change, read_options, type_name,
    type_names,
};
use crate::domain::{
    Actor, FieldChange, FieldKey, FieldSpecification, FieldTypeName, Label, MAX_KEY_CHARACTERS,
    Scope,
};
use crate::http::openapi::schemas::text;
use crate::http::public::caller::{Authorized, CustomFieldsWrite};
use crate::http::shared::{
    ApiError, AppState, FieldError, JsonBody, OneContact, Reader, boolean, invalid, parsed_label,
    string,
};

/// A custom-field definition to create.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewCustomField {
    #[schema(schema_with = key, required)]
    key: Option<FieldKey>,
    #[schema(schema_with = label)]
    display_name: Option<Label>,
    #[serde(rename = "type")]
    #[schema(value_type = FieldTypeName)]
    field_type: Option<FieldTypeName>,
    #[schema(schema_with = options)]
    options: Option<Vec<Label>>,
    #[schema(schema_with = label)]
    category: Option<Label>,
    /// Whether contacts can be filtered by the field. Not allowed for the type `json`.
    filterable: Option<bool>,
}

impl NewCustomField {
    /// Reads a new definition. The default display name is the key as it was sent.
    fn read(text: &str) -> Result<(FieldKey, FieldSpecification), ApiError> {
        let mut reader = Reader::new(text)?;
        let mut named = None;
        let type_required = format!("is required: use {}", type_names());
        let sent = Self {
            key: reader.required("key", |name, raw| {
                named = parsed_label(name, raw).ok();
                FieldKey::of_new_definition(&string(name, raw)?)
                    .map_err(|error| invalid(name, error, raw))
            }),
            display_name: reader.optional("displayName", parsed_label),
            field_type: reader.required_because("type", &type_required, type_name),
            options: reader.optional("options", read_options),
            category: reader.optional("category", parsed_label),
            filterable: reader.optional("filterable", boolean),
        };
        reader.finish(UNKNOWN_FIELD)?;
        let (key, label) = sent
            .key
            .zip(named)
            .ok_or_else(|| ApiError::Invalid(vec![FieldError::new("key", "must not be blank")]))?;
        let change = FieldChange {
            display_name: sent.display_name,
            field_type: sent.field_type,
            options: sent.options,
            category: Some(sent.category),
            filterable: sent.filterable,
        };
        Ok((key, FieldSpecification::named(label).with(&change)?))
    }
}

fn key() -> Object {
    text("Not case-sensitive, in any language: it is stored in upper case and matches keys of contacts in any case. It must not contain invisible characters.")
        .pattern(Some(Label::PATTERN))
        .max_length(Some(MAX_KEY_CHARACTERS))
        .build()
}

/// Defines a custom field.
///
/// Rubrica then validates new values of the field, on all replicas within a second. Stored values stay
/// unchanged. Safe to repeat: a repeated request gets a 409 and changes nothing.
#[utoipa::path(
    post, path = "/public/v1/custom-fields",
    security(("apiKey" = [Scope::CustomFieldsWrite])),
    request_body(content = NewCustomField, example = json!({
        "key": "plan",
        "displayName": "Plan",
        "type": "select",
        "options": ["free", "enterprise"],
        "category": "Billing",
        "filterable": true,
    })),
    responses(
        (status = 201, description = "The new definition.", body = CustomFieldResponse,
            headers(("Location")), example = json!(CustomFieldResponse::sample())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::public) async fn create_custom_field(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<CustomFieldsWrite>,
    body: JsonBody<OneContact>,
) -> Result<HttpResponse, ApiError> {
    let (key, specification) = NewCustomField::read(body.text())?;
    let company = principal.company;
    let actor = Actor::key(&principal.client, state.origin_of(&request));
    let definition = state
        .store
        .create_custom_field(company, &actor, &key, &specification)
        .await?;
    publish_change(&state, company, definition.id).await;
    let path = percent_encoding::utf8_percent_encode(
        definition.key.as_str(),
        percent_encoding::NON_ALPHANUMERIC,
    );
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/public/v1/custom-fields/{path}")))
        .json(CustomFieldResponse::from(definition)))
}
