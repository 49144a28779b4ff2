//! The definition of a custom field in requests and responses.

use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use tracing::debug;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};

use crate::auth::Change;
use crate::domain::{
    CompanyId, CustomFieldDefinition, DefinitionId, FieldKey, FieldType, FieldTypeName, Label,
    MAX_LABEL_CHARACTERS, MAX_OPTIONS, timestamp,
};
use crate::http::openapi::samples;
use crate::http::openapi::schemas::optional_text;
use crate::http::shared::{AppState, FieldError, invalid, string, unreadable};

/// How long a request waits for the index of a filter. After that, it is built or dropped in the background.
const FILTER_TIMEOUT: Duration = Duration::from_secs(2);

/// The reason that an unknown member is refused.
pub(super) const UNKNOWN_FIELD: &str = "is not a field of a custom-field definition: remove it";

/// The definition of a custom field.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CustomField)]
pub(in crate::http::public) struct CustomFieldResponse {
    /// The key, in upper case.
    #[schema(value_type = String)]
    key: FieldKey,
    /// The display name.
    #[schema(value_type = String)]
    display_name: Label,
    #[serde(rename = "type")]
    field_type: FieldTypeName,
    /// Only for the type `select`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    options: Option<Vec<String>>,
    /// The category that groups definitions.
    #[schema(value_type = Option<String>, required)]
    pub(super) category: Option<Label>,
    /// Whether contacts can be filtered by the field.
    filterable: bool,
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: OffsetDateTime,
}

impl From<CustomFieldDefinition> for CustomFieldResponse {
    fn from(definition: CustomFieldDefinition) -> Self {
        let specification = definition.specification;
        Self {
            key: definition.key,
            display_name: specification.display_name,
            field_type: specification.field_type.name(),
            options: match specification.field_type {
                FieldType::Select { options } => Some(options),
                _ => None,
            },
            category: specification.category,
            filterable: specification.filterable,
            created_at: definition.created_at,
            updated_at: definition.updated_at,
        }
    }
}

impl CustomFieldResponse {
    pub(super) fn sample() -> Self {
        Self {
            key: FieldKey::of("plan"),
            display_name: Label::stored("Plan"),
            field_type: FieldTypeName::Select,
            options: Some(vec!["free".to_owned(), "enterprise".to_owned()]),
            category: Some(Label::stored("Billing")),
            filterable: true,
            created_at: samples::TIMESTAMP,
            updated_at: samples::TIMESTAMP,
        }
    }
}

/// Reads the name of a type.
pub(super) fn type_name(field: &str, raw: &RawValue) -> Result<FieldTypeName, FieldError> {
    let text = string(field, raw)?;
    FieldTypeName::parse(&text).ok_or_else(|| {
        let reason = format!("must be one of {}", type_names());
        unreadable(field, reason, &text, raw)
    })
}

/// The names of all types.
pub(super) fn type_names() -> String {
    FieldTypeName::ALL.map(FieldTypeName::as_str).join(", ")
}

/// Reads the options of a select.
pub(super) fn read_options(field: &str, raw: &RawValue) -> Result<Vec<Label>, FieldError> {
    let items: Vec<&RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| invalid(field, "must be an array of strings", raw))?;
    items
        .into_iter()
        .map(|item| {
            Label::exact(&string(field, item)?).map_err(|error| invalid(field, error, item))
        })
        .collect()
}

/// The schema of a label, or `null`.
pub(super) fn label() -> Object {
    let description = "A text for people. It must not contain control characters, invisible characters or characters that change the direction of the text.";
    optional_text(description)
        .pattern(Some(Label::PATTERN))
        .max_length(Some(MAX_LABEL_CHARACTERS))
        .build()
}

/// The schema of options.
pub(super) fn options() -> Array {
    let option = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(Label::PATTERN))
        .max_length(Some(MAX_LABEL_CHARACTERS));
    ArrayBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
        .description(Some(
            "Required for the type `select`, and not allowed for other types.",
        ))
        .items(option)
        .min_items(Some(1))
        .max_items(Some(MAX_OPTIONS))
        .unique_items(true)
        .build()
}

/// Publishes a committed change to the replicas, and builds or drops the index of the filter. If that takes
/// too long or fails, it is done in the background.
pub(super) async fn publish_change(state: &AppState, company: CompanyId, definition: DefinitionId) {
    state.invalidations.publish(Change::Company(company)).await;
    let finishing = state.store.finish_filter(company, definition);
    if let Ok(Err(cause)) = tokio::time::timeout(FILTER_TIMEOUT, finishing).await {
        debug!(%cause, "the background task will build the filter");
    }
}
