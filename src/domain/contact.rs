//! What is asked of a contact, and what came of it.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{ConsentChange, CustomFields, Email, Phone};

/// A contact's id, unique in the whole deployment. Callers see it as a decimal string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContactId(i64);

impl ContactId {
    /// Wraps an id as the database holds it.
    #[must_use]
    pub const fn new(id: i64) -> Self {
        Self(id)
    }
}

impl fmt::Display for ContactId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Serialize for ContactId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How an upsert names the contact it means: there is always at least one identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifiers {
    /// An e-mail address alone.
    Email(Email),
    /// A phone alone, for companies with phone-only contacts.
    Phone(Phone),
    /// Both; the e-mail address is matched first.
    Both(Email, Phone),
}

impl Identifiers {
    /// The e-mail address, if one was sent.
    #[must_use]
    pub const fn email(&self) -> Option<&Email> {
        match self {
            Self::Email(email) | Self::Both(email, _) => Some(email),
            Self::Phone(_) => None,
        }
    }

    /// The phone, if one was sent.
    #[must_use]
    pub const fn phone(&self) -> Option<&Phone> {
        match self {
            Self::Phone(phone) | Self::Both(_, phone) => Some(phone),
            Self::Email(_) => None,
        }
    }
}

/// The content of an upsert.
#[derive(Debug, Clone)]
pub struct ContactPatch {
    /// Whom it means; what is new among them is taken over.
    pub identifiers: Identifiers,
    /// A merge patch for the custom fields.
    pub custom_fields: Option<CustomFields>,
    /// What it says about marketing consent.
    pub consent: ConsentChange,
}

/// What an upsert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum IdentifierKind {
    /// The e-mail address.
    Email,
    /// The phone.
    Phone,
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

/// The answer to an upsert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Upserted {
    /// The contact that was written or found.
    pub contact_id: ContactId,
    /// What was done.
    pub outcome: Outcome,
    /// Which identifier led to it; none for a new contact.
    pub matched_by: Option<IdentifierKind>,
    /// Identifiers that went elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<IdentifierConflict>,
}
