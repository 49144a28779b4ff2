//! The path variables of the public API, except ids.

use utoipa::ToSchema;
use utoipa::openapi::path::ParameterBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, Ref, SchemaFormat};

use crate::domain::{Email, FieldKey, MAX_KEY_CHARACTERS, Phone};
use crate::http::shared::PathVariable;

impl PathVariable for Email {
    fn parameter() -> ParameterBuilder {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::IdnEmail)))
            .max_length(Some(254));
        ParameterBuilder::new()
            .name("email")
            .description(Some(
                "The e-mail address, percent-encoded if needed. It is normalised as in an upsert.",
            ))
            .schema(Some(schema))
    }
}

impl PathVariable for Phone {
    fn parameter() -> ParameterBuilder {
        ParameterBuilder::new()
            .name("phone")
            .description(Some("The phone in E.164 form."))
            .schema(Some(Ref::from_schema_name(Self::name())))
    }
}

impl PathVariable for FieldKey {
    fn parameter() -> ParameterBuilder {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(
                r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
            ))
            .max_length(Some(MAX_KEY_CHARACTERS));
        ParameterBuilder::new()
            .name("key")
            .description(Some("The key of the definition. Not case-sensitive."))
            .schema(Some(schema))
    }
}
