//! `POST /public/v1/contacts`

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::{
    ConsentUpdate, NO_FIELD, custom_fields, identifiers, read_consent, read_custom_fields,
    read_email, read_phone,
};
use super::warning::{ContactWarning, warnings};
use crate::domain::{
    CompanySettings, ContactId, ContactPatch, CustomFieldRules, CustomFields, Email,
    IdentifierKind, Outcome, Phone, Scope, Upserted,
};
use crate::http::public::caller::{Authorized, ContactsWrite};
use crate::http::shared::{ApiError, AppState, FieldError, JsonBody, OneContact, Reader};

/// What is known of a contact. An optional field that is `null` counts as not sent.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ContactUpsert {
    /// Trimmed and lower-cased, its domain in ASCII. At most 64 bytes before the `@`; neither
    /// quotes nor a display name. A company with phone-only contacts may leave it out where it
    /// sends a phone.
    #[schema(value_type = String, format = IdnEmail, max_length = 254)]
    email: Option<Email>,
    phone: Option<Phone>,
    #[schema(schema_with = custom_fields)]
    custom_fields: Option<CustomFields>,
    #[schema(value_type = Option<ConsentUpdate>)]
    marketing_consent: ConsentUpdate,
}

impl ContactUpsert {
    /// Reads an upsert.
    ///
    /// # Errors
    /// Every bad field, in the order in which the documentation lists them, then the unknown ones.
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
        reader.finish(NO_FIELD)?;
        Ok(ContactPatch {
            identifiers: identifiers(sent.email, sent.phone)?,
            custom_fields: sent.custom_fields,
            consent: sent.marketing_consent.into(),
        })
    }
}

/// The answer to an upsert.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Upserted)]
pub(in crate::http::public) struct UpsertResponse {
    /// The contact that was written or found.
    contact_id: ContactId,
    /// What was done.
    outcome: Outcome,
    /// Which identifier led to it; none for a new contact.
    #[schema(required)]
    matched_by: Option<IdentifierKind>,
    /// What was not done, and what was replaced.
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
/// Changes the live contact with this e-mail address, else the live one with this phone, else
/// restores the most recently deleted one, else creates one. A contact that is matched by phone takes
/// the sent e-mail address, with the warning `email_replaced`, unless its company chose to `reject`
/// that or to `create` a contact without the phone. Safe to repeat: a repeated upsert finds its values
/// there already, and writes nothing.
#[utoipa::path(
    post,
    path = "/public/v1/contacts",
    operation_id = "upsertContact",
    security(("apiKey" = [Scope::ContactsWrite])),
    request_body(content = ContactUpsert, example = json!({
        "email": "jane@example.com",
        "phone": "+393391234567",
        "customFields": {"plan": "enterprise", "address": {"city": "Torino"}},
        "marketingConsent": {"email": true, "whatsapp": false},
    })),
    responses(
        (status = 200, description = "It is written, durably, or stood there already.",
            body = [UpsertResponse], example = json!([UpsertResponse::sample(1)])),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::public) async fn upsert(
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
