//! Contacts, and the content of calls on them.

use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::{Consent, ConsentChange, ContactId, CustomFields, Email, Phone, Warning};

/// The identifiers in an upsert: at least one.
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

    /// One or both, as texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let email = self.email().map(Email::as_str);
        email.into_iter().chain(self.phone().map(Phone::as_str))
    }
}

/// The content of an upsert.
#[derive(Debug, Clone)]
pub struct ContactPatch {
    /// The identifiers to match by. The contact gets those that it does not have.
    pub identifiers: Identifiers,
    /// A merge patch for the custom fields.
    pub custom_fields: Option<CustomFields>,
    /// The change of the marketing consent.
    pub consent: ConsentChange,
}

/// What a call by id does with an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    /// Leaves it.
    Keep,
    /// Removes it.
    Clear,
    /// Sets it.
    Set(T),
}

/// The content of a change by id. Only the sent members change.
#[derive(Debug, Clone)]
pub struct ContactChange {
    /// The e-mail address.
    pub email: Change<Email>,
    /// The phone.
    pub phone: Change<Phone>,
    /// A merge patch for the custom fields.
    pub custom_fields: Option<CustomFields>,
    /// The change of the marketing consent.
    pub consent: ConsentChange,
}

/// A contact.
#[derive(Debug)]
pub struct Contact {
    /// Its id.
    pub contact_id: ContactId,
    /// Its normalised e-mail address.
    pub email: Option<String>,
    /// Its phone in E.164 form.
    pub phone: Option<String>,
    /// Its custom fields, as the text that is stored.
    pub custom_fields: Box<RawValue>,
    /// Its marketing consent.
    pub marketing_consent: Consent,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// When it was last changed. No two versions of a contact share this timestamp.
    pub updated_at: OffsetDateTime,
    /// When it was soft-deleted.
    pub deleted_at: Option<OffsetDateTime>,
    /// What the change that returned it did not do.
    pub warnings: Vec<Warning>,
}

/// Which contacts a list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// Whether the list contains soft-deleted contacts.
    pub deleted: Deleted,
    /// Only those that opted in or out of e-mail.
    pub consent_email: Option<bool>,
    /// Only those that opted in or out of `WhatsApp`.
    pub consent_whatsapp: Option<bool>,
}

/// Whether a list shows soft-deleted contacts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Deleted {
    /// It does not.
    #[default]
    Exclude,
    /// It shows all.
    Include,
    /// It shows no others.
    Only,
}
