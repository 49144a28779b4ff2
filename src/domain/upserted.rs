//! What came of an upsert.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema};
use utoipa::{PartialSchema, ToSchema};

use super::ContactId;

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

impl Serialize for IdentifierConflict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let code = match self.identifier {
            IdentifierKind::Email => "email_conflict",
            IdentifierKind::Phone => "phone_conflict",
        };
        let mut warning = serializer.serialize_struct("IdentifierConflict", 3)?;
        warning.serialize_field("code", code)?;
        warning.serialize_field("field", &self.identifier)?;
        warning.serialize_field("conflictingContactId", &self.conflicting_contact_id)?;
        warning.end()
    }
}

impl PartialSchema for IdentifierConflict {
    fn schema() -> RefOr<Schema> {
        let code = ObjectBuilder::new()
            .schema_type(schema::Type::String)
            .enum_values(Some(["email_conflict", "phone_conflict"]));
        ObjectBuilder::new()
            .description(Some(
                "An identifier that the contact did not get or keep, because another live contact holds it.",
            ))
            .property("code", code)
            .required("code")
            .property("field", schema::Ref::from_schema_name("IdentifierKind"))
            .required("field")
            .property(
                "conflictingContactId",
                schema::Ref::from_schema_name("ContactId"),
            )
            .required("conflictingContactId")
            .into()
    }
}

impl ToSchema for IdentifierConflict {}

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
    /// Identifiers that went elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<IdentifierConflict>,
}
