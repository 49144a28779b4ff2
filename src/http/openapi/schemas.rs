//! Schemas of the values of [`crate::domain`], which knows nothing of HTTP.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::{
    AdminState, ConsentOnAddressChange, ContactId, EmailConflict, FieldTypeName, IdentifierKind,
    KeyState, Outcome, Phone, PhoneConflict, RoleName, Scope,
};
use crate::http::shared::ID_PATTERN;

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

named_values!(KeyState as "ApiKeyState": "Whether a key works.", [Active, Expired, Revoked]);
named_values!(
    AdminState as "AdminState":
    "Whether an administrator can sign in.",
    [Active, Invited, Disabled]
);
named_values!(
    Scope as "Scope":
    "What a key may do.",
    [ContactsRead, ContactsWrite, ContactsErase, CustomFieldsRead, CustomFieldsWrite]
);
named_values!(
    PhoneConflict as "PhoneConflict":
    "What an upsert does when the sent phone belongs to another contact.",
    [Reject, Skip]
);
named_values!(
    EmailConflict as "EmailConflict":
    "What an upsert does when no contact has the sent e-mail address, and the sent phone leads to a \
     contact with another one: `replace` its address and warn with `email_replaced`, `reject` the call \
     with 409, or `create` a contact without the phone and warn with `phone_conflict`. The new contact \
     is matched by e-mail address from then on, so `phoneConflict` decides about the phone in further \
     calls: `skip` goes well with `create`.",
    [Replace, Reject, Create]
);
named_values!(
    ConsentOnAddressChange as "ConsentOnAddressChange":
    "What becomes of a stored opt-in when its address (the e-mail address, or the phone for `WhatsApp`) \
     changes, by an upsert or by id, and the call does not set it: `keep` it for the new address, or \
     `reset` it to `null`. A stored opt-out always stays.",
    [Keep, Reset]
);

named_values!(
    RoleName as "Role":
    "What an administrator may reach: all companies, or one.",
    [Operator, CompanyAdmin]
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
