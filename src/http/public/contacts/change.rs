//! `PUT` and `PATCH /public/v1/contacts/{id}`

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::checked_version::change_checked_version;
use super::contact::ContactResponse;
use super::fields::{
    ConsentUpdate, UNKNOWN_FIELD, custom_fields, read_consent, read_custom_fields, read_email,
    read_phone,
};
use super::preconditions::{Preconditions, with_entity_tag};
use crate::domain::{
    Change, Contact, ContactChange, ContactId, CustomFieldRules, CustomFields, Email, Phone, Scope,
    timestamp,
};
use crate::http::public::caller::{Authorized, ContactsWrite};
use crate::http::shared::{
    ApiError, AppState, Errors, JsonBody, OneContact, PathValue, Reader, invalid,
};
use crate::store::ExpectedVersions;

/// A change of a contact. A field that is absent or `null` stays unchanged, except `email` and `phone`, which
/// `null` removes.
// A caller who reads a contact, changes it and sends it back also sends the read-only members: they are
// ignored if they are as stored.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ContactUpdate<'a> {
    /// As in an upsert. `null` removes it, if the company allows contacts without an e-mail address.
    #[schema(value_type = Option<String>, format = IdnEmail, max_length = 254)]
    email: Option<Option<Email>>,
    /// As in an upsert. `null` removes it.
    #[schema(value_type = Option<Phone>)]
    phone: Option<Option<Phone>>,
    #[schema(schema_with = custom_fields)]
    custom_fields: Option<CustomFields>,
    #[schema(value_type = Option<ConsentUpdate>)]
    marketing_consent: ConsentUpdate,
    /// Read-only: ignored if it is as stored.
    #[schema(value_type = Option<String>, pattern = "^[1-9][0-9]{0,17}$", nullable = false)]
    contact_id: Option<&'a RawValue>,
    /// Read-only: ignored if it is as stored.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    created_at: Option<&'a RawValue>,
    /// Read-only: ignored if it is as stored.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    updated_at: Option<&'a RawValue>,
    /// Read-only: ignored if it is as stored.
    #[schema(value_type = Option<String>, format = DateTime)]
    deleted_at: Option<&'a RawValue>,
}

impl<'a> ContactUpdate<'a> {
    /// Reads a change, or returns every invalid field.
    fn read(text: &'a str, rules: &CustomFieldRules) -> Result<Self, ApiError> {
        let mut reader = Reader::new(text)?;
        let update = Self {
            email: read_email(&mut reader),
            phone: read_phone(&mut reader),
            custom_fields: read_custom_fields(&mut reader, rules),
            marketing_consent: read_consent(&mut reader),
            contact_id: reader.take("contactId"),
            created_at: reader.take("createdAt"),
            updated_at: reader.take("updatedAt"),
            deleted_at: reader.take("deletedAt"),
        };
        reader.finish(UNKNOWN_FIELD)?;
        Ok(update)
    }

    /// The change, and the read-only members.
    fn split(self) -> (ContactChange, ReadOnly<'a>) {
        let read_only = [
            ("contactId", self.contact_id),
            ("createdAt", self.created_at),
            ("updatedAt", self.updated_at),
            ("deletedAt", self.deleted_at),
        ];
        let change = ContactChange {
            email: change(self.email),
            phone: change(self.phone),
            custom_fields: self.custom_fields,
            consent: self.marketing_consent.into(),
        };
        (change, ReadOnly(read_only))
    }
}

fn change<T>(sent: Option<Option<T>>) -> Change<T> {
    match sent {
        None => Change::Keep,
        Some(None) => Change::Clear,
        Some(Some(value)) => Change::Set(value),
    }
}

/// The read-only members that were sent.
struct ReadOnly<'a>([(&'static str, Option<&'a RawValue>); 4]);

impl ReadOnly<'_> {
    /// Whether none was sent.
    fn is_empty(&self) -> bool {
        self.0.iter().all(|(_, sent)| sent.is_none())
    }

    /// Compares them with the stored contact, and returns an error for each difference.
    fn check(&self, stored: &Contact) -> Result<(), ApiError> {
        let mut errors = Errors::default();
        for (name, sent) in self.0 {
            if let Some(raw) = sent
                && !is_as_stored(name, raw, stored)
            {
                let reason = "cannot be changed: leave it out, or send it as it is stored";
                errors.add(invalid(name, reason, raw));
            }
        }
        errors.finish()
    }
}

fn is_as_stored(name: &str, sent: &RawValue, stored: &Contact) -> bool {
    let text = || serde_json::from_str::<String>(sent.get()).ok();
    let timestamp = || timestamp::parse(&text()?);
    match name {
        "contactId" => text().is_some_and(|id| id == stored.contact_id.to_string()),
        "createdAt" => timestamp() == Some(stored.created_at),
        "updatedAt" => timestamp() == Some(stored.updated_at),
        // An active contact has no `deletedAt`.
        _ if sent.get() == "null" => stored.deleted_at.is_none(),
        _ => timestamp().is_some_and(|sent| stored.deleted_at == Some(sent)),
    }
}

/// Updates a contact.
///
/// PUT and PATCH change only the sent fields. A deleted contact is restored. A contact may be sent back as it
/// was read: `contactId`, `createdAt`, `updatedAt` and `deletedAt` are ignored if they are as stored, and
/// rejected otherwise. Safe to repeat: a repeated request changes nothing.
#[utoipa::path(
    method(put, patch), path = "/public/v1/contacts/{id}",
    security(("apiKey" = [Scope::ContactsWrite])),
    params(PathValue::<ContactId>, Preconditions),
    request_body(content = ContactUpdate, example = json!({
        "email": "jane@example.com",
        "phone": "+393391234567",
        "customFields": {"plan": "enterprise", "trialEndsAt": null},
        "marketingConsent": {"email": false},
    })),
    responses(
        (status = 200, description = "The updated contact.", body = ContactResponse, headers(("ETag")),
            example = json!(ContactResponse::sample())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::public) async fn update_contact(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsWrite>,
    PathValue(id): PathValue<ContactId>,
    preconditions: Preconditions,
    body: JsonBody<OneContact>,
) -> Result<HttpResponse, ApiError> {
    let update = ContactUpdate::read(body.text(), &principal.custom_field_rules)?;
    let (change, read_only) = update.split();
    let write = async |expected: ExpectedVersions<'_>| {
        let store = &state.store;
        let (settings, client) = (principal.settings, &principal.client);
        store
            .update_contact(principal.company, settings, client, id, expected, &change)
            .await
    };
    if read_only.is_empty() && preconditions.is_list_of_versions() {
        return Ok(with_entity_tag(write(preconditions.expected()).await?));
    }
    let check = |found: &Contact| {
        preconditions.check_change(found)?;
        read_only.check(found)
    };
    let contact = change_checked_version(&state, principal.company, id, check, write);
    Ok(with_entity_tag(contact.await?))
}
