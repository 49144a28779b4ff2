//! A contact, and what is asked of it.

use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, Object, ObjectBuilder, Type};

use super::id::define_id;
use super::{Consent, ConsentChange, CustomFields, Email, Phone, Warning, timestamp};

define_id!(
    /// A contact's id, unique in the whole deployment. Callers see it as a decimal string.
    #[derive(ToSchema)]
    #[schema(value_type = String, pattern = "^[1-9][0-9]{0,17}$", examples("1"))]
    ContactId
);

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

    /// One or both, as texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let email = self.email().map(Email::as_str);
        email.into_iter().chain(self.phone().map(Phone::as_str))
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

/// What a call by id says about an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    /// Nothing.
    Keep,
    /// The contact is to have none.
    Clear,
    /// The contact is to have this one.
    Set(T),
}

/// The content of a change by id: only what is sent changes.
#[derive(Debug, Clone)]
pub struct ContactChange {
    /// The e-mail address.
    pub email: Change<Email>,
    /// The phone.
    pub phone: Change<Phone>,
    /// A merge patch for the custom fields.
    pub custom_fields: Option<CustomFields>,
    /// What it says about marketing consent.
    pub consent: ConsentChange,
}

/// A contact as callers see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Its id.
    pub contact_id: ContactId,
    /// Its normalised e-mail address.
    #[schema(required)]
    pub email: Option<String>,
    /// Its phone in E.164 form.
    #[schema(required)]
    pub phone: Option<String>,
    /// Its custom fields, as the text that is stored.
    #[schema(schema_with = free_form)]
    pub custom_fields: Box<RawValue>,
    /// Its marketing consent.
    pub marketing_consent: Consent,
    /// When it was created.
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: OffsetDateTime,
    /// When it was last changed. No two versions of a contact share this moment.
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: OffsetDateTime,
    /// When it was soft-deleted.
    #[serde(
        serialize_with = "timestamp::serialize_optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    pub deleted_at: Option<OffsetDateTime>,
    /// What the change that answers it did not do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

fn free_form() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("Its custom fields."))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .build()
}

/// Which contacts a list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// Whether soft-deleted ones are among them.
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
