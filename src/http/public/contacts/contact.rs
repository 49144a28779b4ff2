//! A contact in responses.

use serde::Serialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, Object, ObjectBuilder, Type};

use super::warning::{ContactWarning, warnings};
use crate::domain::{Consent, Contact, ContactId, timestamp};
use crate::http::openapi::samples;

/// A contact.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Contact)]
pub(in crate::http::public) struct ContactResponse {
    /// The contact's id.
    contact_id: ContactId,
    /// The normalised e-mail address.
    #[schema(required)]
    email: Option<String>,
    /// The phone in E.164 form.
    #[schema(required)]
    phone: Option<String>,
    #[schema(schema_with = free_form)]
    custom_fields: Box<RawValue>,
    /// The marketing consent.
    marketing_consent: ConsentResponse,
    /// When the contact was created.
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
    /// When the contact was last changed. Each version of a contact has a different timestamp.
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: OffsetDateTime,
    /// When the contact was soft-deleted.
    #[serde(
        serialize_with = "timestamp::serialize_optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    deleted_at: Option<OffsetDateTime>,
    /// Parts of the request that were not applied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<ContactWarning>,
}

/// The marketing consent of a contact. `null`: the person was never asked.
#[derive(Serialize, ToSchema)]
#[schema(as = Consent)]
struct ConsentResponse {
    /// E-mail: opted in (`true`) or out (`false`).
    #[schema(required)]
    email: Option<bool>,
    /// `WhatsApp`: opted in (`true`) or out (`false`).
    #[schema(required)]
    whatsapp: Option<bool>,
}

impl From<Contact> for ContactResponse {
    fn from(contact: Contact) -> Self {
        let Consent { email, whatsapp } = contact.marketing_consent;
        Self {
            contact_id: contact.contact_id,
            email: contact.email,
            phone: contact.phone,
            custom_fields: contact.custom_fields,
            marketing_consent: ConsentResponse { email, whatsapp },
            created_at: contact.created_at,
            updated_at: contact.updated_at,
            deleted_at: contact.deleted_at,
            warnings: warnings(contact.warnings),
        }
    }
}

impl ContactResponse {
    pub(super) fn sample() -> Self {
        let custom_fields = json!({"plan": "enterprise", "address": {"city": "Torino"}});
        Self {
            contact_id: ContactId::new(1),
            email: Some("jane@example.com".to_owned()),
            phone: Some("+393391234567".to_owned()),
            // A `Value` can always be written as JSON.
            custom_fields: to_raw_value(&custom_fields).unwrap_or_default(),
            marketing_consent: ConsentResponse {
                email: Some(true),
                whatsapp: Some(false),
            },
            created_at: samples::TIMESTAMP,
            updated_at: samples::TIMESTAMP,
            deleted_at: None,
            warnings: Vec::new(),
        }
    }
}

fn free_form() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("The custom fields."))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .build()
}
