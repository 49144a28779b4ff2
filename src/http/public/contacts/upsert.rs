//! `POST /public/v1/contacts`

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::{
    ConsentUpdate, UNKNOWN_FIELD, custom_fields, identifiers, read_consent, read_custom_fields,
    read_email, read_phone,
};
use super::warning::{ContactWarning, warnings};
use crate::domain::{
    CompanySettings, ContactId, ContactPatch, CustomFieldRules, CustomFields, Email,
    IdentifierKind, Outcome, Phone, Scope, Upserted,
};
use crate::http::public::caller::{Authorized, ContactsWrite};
use crate::http::shared::{ApiError, AppState, FieldError, JsonBody, OneContact, Reader};

/// A contact to create or update. An optional field that is `null` counts as absent.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ContactUpsert {
    /// Rubrica trims it, converts it to lower case and converts its domain to ASCII. At most 64 bytes before
    /// the `@`; no quotes and no display name. Optional with a phone, if the company allows contacts without
    /// an e-mail address.
    #[schema(value_type = String, format = IdnEmail, max_length = 254)]
    email: Option<Email>,
    phone: Option<Phone>,
    #[schema(schema_with = custom_fields)]
    custom_fields: Option<CustomFields>,
    #[schema(value_type = Option<ConsentUpdate>)]
    marketing_consent: ConsentUpdate,
}

impl ContactUpsert {
    /// Reads an upsert, or returns every invalid field in the order of the documentation, then the unknown
    /// ones.
    pub(super) fn read(
        text: &str,
        settings: CompanySettings,
        rules: &CustomFieldRules,
    ) -> Result<ContactPatch, ApiError> {
        let mut reader = Reader::new(text)?;
        let sent = Self {
            email: read_email(&mut reader).flatten(),
            phone: read_phone(&mut reader).flatten(),
            custom_fields: read_custom_fields(&mut reader, rules),
            marketing_consent: read_consent(&mut reader),
        };
        let is_email_missing = sent.email.is_none() && !reader.errors.has("email");
        let is_phone_missing = sent.phone.is_none() && !reader.errors.has("phone");
        if is_email_missing && (!settings.phone_only_contacts || is_phone_missing) {
            let reason = if settings.phone_only_contacts {
                "is required where no phone is sent"
            } else {
                "is required"
            };
            reader.errors.add_first(FieldError::new("email", reason));
        }
        reader.finish(UNKNOWN_FIELD)?;
        Ok(ContactPatch {
            identifiers: identifiers(sent.email, sent.phone)?,
            custom_fields: sent.custom_fields,
            consent: sent.marketing_consent.into(),
        })
    }
}

/// The result of an upsert.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Upserted)]
pub(in crate::http::public) struct UpsertResponse {
    /// The contact that was saved or found.
    contact_id: ContactId,
    /// What the upsert did.
    outcome: Outcome,
    /// How the existing contact was found; `null` if it was created.
    #[schema(required)]
    matched_by: Option<IdentifierKind>,
    /// Parts of the request that were not applied, and values that were replaced.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<ContactWarning>,
}

impl From<Upserted> for UpsertResponse {
    fn from(upserted: Upserted) -> Self {
        Self {
            contact_id: upserted.contact_id,
            outcome: upserted.outcome,
            matched_by: upserted.matched_by,
            warnings: warnings(upserted.warnings),
        }
    }
}

impl UpsertResponse {
    pub(super) const fn sample(id: i64) -> Self {
        Self {
            contact_id: ContactId::new(id),
            outcome: Outcome::Created,
            matched_by: None,
            warnings: Vec::new(),
        }
    }
}

/// Upserts a contact.
///
/// Updates the active contact with this e-mail address. If there is none, updates the active contact with
/// this phone, or else restores the most recently deleted contact, or else creates a contact. If the contact
/// is found by phone and has another e-mail address, the company's `emailConflict` applies: by default the
/// sent address replaces it, with the warning `email_replaced`. Safe to repeat: a repeated request changes
/// nothing.
#[utoipa::path(
    post, path = "/public/v1/contacts",
    security(("apiKey" = [Scope::ContactsWrite])),
    request_body(content = ContactUpsert, example = json!({
        "email": "jane@example.com",
        "phone": "+393391234567",
        "customFields": {"plan": "enterprise", "address": {"city": "Torino"}},
        "marketingConsent": {"email": true, "whatsapp": false},
    })),
    responses(
        (status = 200, description = "The contact was saved, or was already up to date.",
            body = [UpsertResponse], example = json!([UpsertResponse::sample(1)])),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::public) async fn upsert_contact(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsWrite>,
    body: JsonBody<OneContact>,
) -> Result<Json<[UpsertResponse; 1]>, ApiError> {
    let rules = &principal.custom_field_rules;
    let patch = ContactUpsert::read(body.text(), principal.settings, rules)?;
    let upserted = state
        .store
        .upsert_contact(
            principal.company,
            principal.settings,
            &principal.client,
            patch,
        )
        .await?;
    Ok(Json([upserted.into()]))
}
