//! The bodies that callers send, for the OpenAPI document alone: they are read member by member in
//! `contact_body` and `custom_field_body`, which tell all that is wrong at once. A schema cannot say everything: see
//! the descriptions.

#![expect(dead_code, reason = "these types describe, and hold nothing")]

use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{
    AdditionalProperties, Array, ArrayBuilder, Object, ObjectBuilder, SchemaType, Type,
};

use crate::domain::{
    FieldTypeName, Label, MAX_CUSTOM_FIELDS, MAX_KEY_CHARACTERS, MAX_LABEL_CHARACTERS, MAX_OPTIONS,
    Phone,
};

/// What is known of a contact. An optional field that is `null` counts as not sent.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct ContactUpsert {
    /// Trimmed and lower-cased, its domain in ASCII. At most 64 bytes before the `@`; neither
    /// quotes nor a display name. A company with phone-only contacts may leave it out where it
    /// sends a phone.
    #[schema(format = IdnEmail, max_length = 254)]
    email: String,
    #[schema(value_type = Option<Phone>)]
    phone: Option<String>,
    #[schema(schema_with = custom_fields)]
    custom_fields: Option<Object>,
    marketing_consent: Option<ConsentUpdate>,
}

/// What is to change of a contact: what is not sent stays. What is `null` stays, too, but for the two
/// identifiers, which `null` removes.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct ContactUpdate {
    /// As in an upsert; `null` removes it, where the company takes phone-only contacts.
    #[schema(format = IdnEmail, max_length = 254)]
    email: Option<String>,
    /// As in an upsert; `null` removes it.
    #[schema(value_type = Option<Phone>)]
    phone: Option<String>,
    #[schema(schema_with = custom_fields)]
    custom_fields: Option<Object>,
    marketing_consent: Option<ConsentUpdate>,
    /// Cannot be changed: may be sent as it was read.
    #[schema(pattern = "^[1-9][0-9]{0,17}$", nullable = false)]
    contact_id: Option<String>,
    /// Cannot be changed: may be sent as it was read.
    #[schema(format = DateTime, nullable = false)]
    created_at: Option<String>,
    /// Cannot be changed: may be sent as it was read.
    #[schema(format = DateTime, nullable = false)]
    updated_at: Option<String>,
    /// Cannot be changed: may be sent as it was read.
    #[schema(format = DateTime)]
    deleted_at: Option<String>,
}

/// What is known of marketing consent: `true` opts in, `false` out; what is not sent, or `null`,
/// stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ConsentUpdate {
    /// E-mail.
    email: Option<bool>,
    /// `WhatsApp`.
    whatsapp: Option<bool>,
}

/// Many upserts.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ContactBatch {
    /// Each is judged and written by itself.
    #[schema(min_items = 1, max_items = 1000)]
    contacts: Vec<ContactUpsert>,
}

/// Names a person: by e-mail address, phone or both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ContactIdentifiers {
    /// As in an upsert. Required where no phone is sent.
    #[schema(format = IdnEmail, max_length = 254)]
    email: String,
    #[schema(value_type = Option<Phone>)]
    phone: Option<String>,
}

/// A definition to make.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct NewCustomField {
    #[schema(schema_with = key)]
    key: String,
    #[schema(schema_with = label)]
    display_name: Option<String>,
    #[serde(rename = "type")]
    field_type: FieldTypeName,
    #[schema(schema_with = options)]
    options: Option<Vec<String>>,
    #[schema(schema_with = label)]
    category: Option<String>,
    /// Whether contacts can be filtered by it; not for the type `json`.
    filterable: Option<bool>,
}

/// What is to change of a definition: what is not sent stays. What is `null` stays, too, but for `category`,
/// which `null` resets.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct CustomFieldChange {
    #[schema(schema_with = label)]
    display_name: Option<String>,
    #[serde(rename = "type")]
    field_type: Option<FieldTypeName>,
    #[schema(schema_with = options)]
    options: Option<Vec<String>>,
    /// `null` takes it out of its category.
    #[schema(schema_with = label)]
    category: Option<String>,
    /// Whether contacts can be filtered by it.
    filterable: Option<bool>,
}

fn key() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(
            "In any case: it is stored in upper case, and matches the keys of contacts in any case, in any language. No invisible characters.",
        ))
        .pattern(Some(Label::PATTERN))
        .max_length(Some(MAX_KEY_CHARACTERS))
        .build()
}

fn label() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some("For people. No control characters, nor others that are invisible or change the direction of the text."))
        .pattern(Some(Label::PATTERN))
        .max_length(Some(MAX_LABEL_CHARACTERS))
        .build()
}

fn options() -> Array {
    let option = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(Label::PATTERN))
        .max_length(Some(MAX_LABEL_CHARACTERS));
    ArrayBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
        .description(Some(
            "Of the type `select`, which needs them, and of no other.",
        ))
        .items(option)
        .min_items(Some(1))
        .max_items(Some(MAX_OPTIONS))
        .unique_items(true)
        .build()
}

fn custom_fields() -> Object {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(MAX_KEY_CHARACTERS));
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .description(Some(
            "A merge patch (RFC 7396): an absent key stays, `null` removes, objects merge. \
             At most 8 levels, and 64 KiB of JSON text once merged. No string may hold U+0000.",
        ))
        .max_properties(Some(MAX_CUSTOM_FIELDS))
        .property_names(Some(key))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .build()
}
