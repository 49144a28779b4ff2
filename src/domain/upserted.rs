//! The result of an upsert.

use serde::Serialize;

use super::{Channel, ContactId};

/// What an upsert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There was no such contact.
    Created,
    /// An active contact was changed.
    Updated,
    /// A soft-deleted contact was restored.
    Restored,
    /// The contact had all sent values already. Nothing was written.
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

/// An identifier that the contact did not get or keep, because another active contact has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierConflict {
    /// Which identifier it is.
    pub identifier: IdentifierKind,
    /// The contact that has it.
    pub conflicting_contact_id: ContactId,
}

/// A warning about a successful call: what it did not do, or what it replaced.
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

/// The result of an upsert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upserted {
    /// The contact that was written or found.
    pub contact_id: ContactId,
    /// What was done.
    pub outcome: Outcome,
    /// The identifier that matched. `None` for a new contact.
    pub matched_by: Option<IdentifierKind>,
    /// What was not done, and what was replaced.
    pub warnings: Vec<Warning>,
}
