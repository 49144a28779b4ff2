//! Schemas of the values of [`crate::domain`], which knows nothing of HTTP.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::{ContactId, FieldTypeName, IdentifierKind, Outcome, Phone};
use crate::http::shared::path::ID_PATTERN;

/// Describes a type whose values have names: how the document names it, what it is, its values.
macro_rules! named_values {
    ($type:ident as $name:literal: $description:expr, [$($value:ident),+ $(,)?]) => {
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                one_of(&[$($type::$value.as_str()),+])
                    .description(Some($description))
                    .into()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                $name.into()
            }
        }
    };
}

named_values!(Outcome as "Outcome": "What an upsert did.", [Created, Updated, Restored, Unchanged]);
named_values!(IdentifierKind as "IdentifierKind": "One of the two identifiers of a contact.", [Email, Phone]);
named_values!(
    FieldTypeName as "CustomFieldType":
    "Which values a field takes; `null` removes any. A `date` is such as `2026-01-31`, a `datetime` \
     such as `2026-01-31T12:00:00Z` (RFC 3339), a `select` one of its options.",
    [Text, Number, Boolean, Date, DateTime, Select, Json]
);

impl PartialSchema for ContactId {
    fn schema() -> RefOr<Schema> {
        text("A contact's id, unique in the whole deployment. Callers see it as a decimal string.")
            .pattern(Some(ID_PATTERN))
            .examples(["1"])
            .into()
    }
}

impl ToSchema for ContactId {}

impl PartialSchema for Phone {
    fn schema() -> RefOr<Schema> {
        text("E.164: `+`, an assigned country calling code, 7 to 15 digits, nothing else.")
            .pattern(Some(Self::pattern()))
            .into()
    }
}

impl ToSchema for Phone {}

/// A string.
pub(in crate::http) fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
}

/// A string or `null`.
pub(in crate::http) fn optional_text(description: &str) -> ObjectBuilder {
    text(description).schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}

/// One of some strings.
pub(in crate::http) fn one_of(values: &[&str]) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(values.to_vec()))
}
