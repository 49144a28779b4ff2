//! Schemas of the values of [`crate::domain`], which does not depend on HTTP.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::{
    AdminState, ConsentOnAddressChange, ContactId, EmailConflict, FieldTypeName, IdentifierKind,
    KeyState, Outcome, Phone, PhoneConflict, RoleName, Scope,
};
use crate::http::shared::ID_PATTERN;

/// Gives an enum with `as_str` a schema: its name in the document, its description, its values.
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

named_values!(Outcome as "Outcome": "The result of an upsert.", [Created, Updated, Restored, Unchanged]);
named_values!(IdentifierKind as "IdentifierKind": "One of the two identifiers of a contact.", [Email, Phone]);
named_values!(
    FieldTypeName as "CustomFieldType":
    "The type of a field's values; `null` removes a value of any type. `date`: such as `2026-01-31`; \
     `datetime`: such as `2026-01-31T12:00:00Z` (RFC 3339); `select`: one of the field's options.",
    [Text, Number, Boolean, Date, DateTime, Select, Json]
);

named_values!(KeyState as "ApiKeyState": "Whether a key works.", [Active, Expired, Revoked]);
named_values!(
    AdminState as "AdminState":
    "Whether an administrator can sign in.",
    [Active, Invited, Disabled]
);
named_values!(
    Scope as "Scope":
    "A permission of a key.",
    [ContactsRead, ContactsWrite, ContactsErase, CustomFieldsRead, CustomFieldsWrite]
);
named_values!(
    PhoneConflict as "PhoneConflict":
    "What an upsert does if the sent phone belongs to another contact.",
    [Reject, Skip]
);
named_values!(
    EmailConflict as "EmailConflict":
    "What an upsert does if no contact has the sent e-mail address and the sent phone belongs to a \
     contact with another e-mail address. `replace`: replaces the address and warns with \
     `email_replaced`. `reject`: rejects the request with 409. `create`: creates a contact without the \
     phone and warns with `phone_conflict`. Later upserts match the created contact by e-mail address, \
     and `phoneConflict` applies to the phone: `create` works best with `skip`.",
    [Replace, Reject, Create]
);
named_values!(
    ConsentOnAddressChange as "ConsentOnAddressChange":
    "What happens to a stored opt-in if a request changes its address (the e-mail address, or the phone \
     for `WhatsApp`) and does not set the opt-in. `keep`: it applies to the new address. `reset`: it \
     becomes `null`. A stored opt-out always stays.",
    [Keep, Reset]
);

named_values!(
    RoleName as "Role":
    "Which companies an administrator manages: all, or one.",
    [Operator, CompanyAdmin]
);

impl PartialSchema for ContactId {
    fn schema() -> RefOr<Schema> {
        text("A contact's id: a decimal string, unique in the whole deployment.")
            .pattern(Some(ID_PATTERN))
            .examples(["1"])
            .into()
    }
}

impl ToSchema for ContactId {}

impl PartialSchema for Phone {
    fn schema() -> RefOr<Schema> {
        text("A phone number in E.164 form: `+` and 7 to 15 digits, which begin with an assigned country calling code.")
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

/// The schema of an object with one more member.
pub(in crate::http) fn with_member<T: PartialSchema>(
    description: &str,
    name: &str,
    member: impl Into<RefOr<Schema>>,
) -> RefOr<Schema> {
    let mut schema = T::schema();
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.description = Some(description.to_owned());
        object.properties.insert(name.to_owned(), member.into());
        object.required.push(name.to_owned());
    }
    schema
}
