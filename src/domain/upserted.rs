//! What came of an upsert.

use std::borrow::Cow;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::json;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Channel, ContactId};

/// What an upsert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There was no such contact.
    Created,
    /// A live contact was changed.
    Updated,
    /// A soft-deleted contact lives again.
    Restored,
    /// Every value sent already stood there; nothing was written.
    Unchanged,
}

impl Outcome {
    /// The name that callers see.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Restored => "restored",
            Self::Unchanged => "unchanged",
        }
    }
}

/// One of the two identifiers of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdentifierKind {
    /// The e-mail address.
    Email,
    /// The phone.
    Phone,
}

impl IdentifierKind {
    /// The name of its field.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

/// An identifier that the contact did not get or keep, because another live contact holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierConflict {
    /// Which identifier it is.
    pub identifier: IdentifierKind,
    /// Who holds it.
    pub conflicting_contact_id: ContactId,
}

/// What a caller should know of a call that was made: what it did not do, and what it replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The contact was matched by phone, and its e-mail address was replaced.
    EmailReplaced {
        /// The address that it had.
        previous_email: String,
    },
    /// The contact did not get or keep an identifier.
    IdentifierConflict(IdentifierConflict),
    /// The contact was not opted in: the person was erased after an opt-out.
    ConsentSuppressed(Channel),
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut warning = serializer.serialize_struct("Warning", 3)?;
        match self {
            Self::EmailReplaced { previous_email } => {
                warning.serialize_field("code", "email_replaced")?;
                warning.serialize_field("field", &IdentifierKind::Email)?;
                warning.serialize_field("previousEmail", previous_email)?;
            }
            Self::IdentifierConflict(conflict) => {
                let code = match conflict.identifier {
                    IdentifierKind::Email => "email_conflict",
                    IdentifierKind::Phone => "phone_conflict",
                };
                warning.serialize_field("code", code)?;
                warning.serialize_field("field", &conflict.identifier)?;
                let id = &conflict.conflicting_contact_id;
                warning.serialize_field("conflictingContactId", id)?;
            }
            Self::ConsentSuppressed(channel) => {
                warning.serialize_field("code", "consent_suppressed")?;
                warning.serialize_field("field", channel.field())?;
            }
        }
        warning.end()
    }
}

impl PartialSchema for Warning {
    fn schema() -> RefOr<Schema> {
        let one_of = |values: &[&str]| {
            ObjectBuilder::new()
                .schema_type(schema::Type::String)
                .enum_values(Some(values.to_vec()))
        };
        ObjectBuilder::new()
            .description(Some(
                "`email_replaced`: the contact was matched by phone, and the sent address took \
                 the place of `previousEmail`. `email_conflict`, `phone_conflict`: the identifier \
                 stays with another live contact (`conflictingContactId`). `consent_suppressed`: \
                 a person who was erased after an opt-out is not opted in again.",
            ))
            .property(
                "code",
                one_of(&[
                    "email_replaced",
                    "email_conflict",
                    "phone_conflict",
                    "consent_suppressed",
                ]),
            )
            .required("code")
            .property(
                "field",
                one_of(&[
                    "email",
                    "phone",
                    Channel::Email.field(),
                    Channel::Whatsapp.field(),
                ]),
            )
            .required("field")
            .property(
                "conflictingContactId",
                schema::Ref::from_schema_name("ContactId"),
            )
            .property(
                "previousEmail",
                ObjectBuilder::new()
                    .schema_type(schema::Type::String)
                    .format(Some(schema::SchemaFormat::KnownFormat(
                        schema::KnownFormat::IdnEmail,
                    ))),
            )
            .examples([
                json!(Self::EmailReplaced {
                    previous_email: "jane.doe@example.com".to_owned(),
                }),
                json!(Self::ConsentSuppressed(Channel::Email)),
            ])
            .into()
    }
}

impl ToSchema for Warning {
    // Python has a `Warning` of its own.
    fn name() -> Cow<'static, str> {
        "ContactWarning".into()
    }
}

/// The answer to an upsert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Upserted {
    /// The contact that was written or found.
    pub contact_id: ContactId,
    /// What was done.
    pub outcome: Outcome,
    /// Which identifier led to it; none for a new contact.
    #[schema(required)]
    pub matched_by: Option<IdentifierKind>,
    /// What was not done, and what was replaced.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}
