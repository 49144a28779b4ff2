//! Contacts: the write path.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use tokio_postgres::Row;
use tokio_postgres::types::{Json, ToSql};

use super::contact_reads::read_contact;
use super::transaction::Parameters;
use super::{Store, StoreError};
use crate::domain::{
    Change, Channel, ClientId, CompanyId, CompanySettings, ConsentChange, Contact, ContactChange,
    ContactId, ContactPatch, Email, IdentifierConflict, IdentifierDigest, IdentifierKind, Outcome,
    Phone, PhoneConflict, Upserted, Warning,
};

pub(super) const UPSERT_CONTACT: &str = include_str!("../../sql/queries/upsert_contact.sql");
const UPDATE_CONTACT: &str = include_str!("../../sql/queries/update_contact.sql");
const DELETE_CONTACT: &str = include_str!("../../sql/queries/delete_contact.sql");

/// The versions of a contact (its `updated_at`) that a change may be made to; `None`: any.
pub type ExpectedVersions<'a> = Option<&'a [OffsetDateTime]>;

/// Why a contact was not written.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// There is no such contact.
    #[error("there is no such contact")]
    NotFound,
    /// The contact is in none of the expected versions.
    #[error("the contact was changed meanwhile")]
    PreconditionFailed,
    /// An identifier belongs to another live contact.
    #[error("the identifier belongs to another contact")]
    IdentifierTaken {
        /// Which identifier.
        identifier: IdentifierKind,
        /// The contact that was to have it.
        contact_id: ContactId,
        /// The contact that has it.
        conflicting_contact_id: ContactId,
    },
    /// The contact would be left without an identifier that it has to have.
    #[error("an identifier is required")]
    IdentifierRequired(IdentifierKind),
    /// The merged custom fields would take too many bytes.
    #[error("the merged custom fields are too large")]
    CustomFieldsTooLarge,
    /// The merged custom fields would have too many keys.
    #[error("the merged custom fields have too many keys")]
    TooManyCustomFields,
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Matches by e-mail address, else by phone, else among the soft-deleted, else creates; then
    /// merges. Durable when it returns.
    ///
    /// # Errors
    /// On every error nothing was written, but for [`StoreError::Unavailable`], which leaves that
    /// open: sending the same again is safe.
    pub async fn upsert_contact(
        &self,
        company: CompanyId,
        settings: CompanySettings,
        client: &ClientId,
        patch: &ContactPatch,
    ) -> Result<Upserted, ContactError> {
        let call = self.upsert_call(company, settings, client, patch);
        self.upsert_alone(&call.parameters()).await
    }

    /// The call of `upsert_contact` that a patch means.
    pub(super) fn upsert_call<'a>(
        &self,
        company: CompanyId,
        settings: CompanySettings,
        client: &'a ClientId,
        patch: &'a ContactPatch,
    ) -> UpsertCall<'a> {
        UpsertCall {
            company: company.get(),
            client: client.as_str(),
            email: patch.identifiers.email().map(Email::as_str),
            phone: patch.identifiers.phone().map(Phone::as_str),
            custom_fields: patch
                .custom_fields
                .as_ref()
                .map(|fields| Json(fields.as_object())),
            consent: patch.consent,
            skip_phone_conflict: settings.phone_conflict == PhoneConflict::Skip,
            digests: self
                .suppression_keys
                .digests(company, patch.identifiers.texts()),
        }
    }

    /// One call of `upsert_contact` in a transaction of its own.
    pub(super) async fn upsert_alone(
        &self,
        call: &Parameters<'_>,
    ) -> Result<Upserted, ContactError> {
        let rows = self.write("upsert_contact", UPSERT_CONTACT, call).await?;
        self.read_upserted(&rows)
    }

    /// Reads and counts what one call of `upsert_contact` did.
    pub(super) fn read_upserted(&self, rows: &[Row]) -> Result<Upserted, ContactError> {
        let row = rows.first().ok_or_else(|| unknown("no row"))?;
        let result = read_upserted(row);
        if let Ok(upserted) = &result {
            self.metrics.contact_upserted(upserted.outcome);
        }
        result
    }

    /// Changes the contact with this id, or restores it; only what is sent changes. Returns it as
    /// it is then.
    ///
    /// # Errors
    /// As for [`Store::upsert_contact`].
    pub async fn update_contact(
        &self,
        company: CompanyId,
        settings: CompanySettings,
        client: &ClientId,
        id: ContactId,
        expected: ExpectedVersions<'_>,
        change: &ContactChange,
    ) -> Result<Contact, ContactError> {
        let (is_email_sent, email) = sent(&change.email, Email::as_str);
        let (is_phone_sent, phone) = sent(&change.phone, Phone::as_str);
        let custom_fields = change
            .custom_fields
            .as_ref()
            .map(|fields| Json(fields.as_object()));
        let digests = self
            .suppression_keys
            .digests(company, email.into_iter().chain(phone));
        let rows = self
            .write(
                "update_contact",
                UPDATE_CONTACT,
                &[
                    &company.get(),
                    &client.as_str(),
                    &id.get(),
                    &expected,
                    &settings.phone_only_contacts,
                    &is_email_sent,
                    &email,
                    &is_phone_sent,
                    &phone,
                    &custom_fields,
                    &change.consent.email,
                    &change.consent.whatsapp,
                    &digests,
                ],
            )
            .await?;
        let row = rows.first().ok_or_else(|| unknown("no row"))?;
        if let Some(refusal) = read_refusal(row.get("outcome"), id, row.get("conflicting_id"))? {
            return Err(refusal);
        }
        Ok(Contact {
            warnings: read_suppressed(row)?,
            ..read_contact(row)?
        })
    }

    /// Soft-deletes a contact: its identifiers are free, and it may be restored.
    ///
    /// # Errors
    /// [`ContactError::NotFound`], [`ContactError::PreconditionFailed`], or the database's.
    pub async fn delete_contact(
        &self,
        company: CompanyId,
        id: ContactId,
        expected: ExpectedVersions<'_>,
    ) -> Result<(), ContactError> {
        let deleted = self
            .write(
                "delete_contact",
                DELETE_CONTACT,
                &[&company.get(), &id.get(), &expected],
            )
            .await?;
        if !deleted.is_empty() {
            return Ok(());
        }
        // It was not there, or not in the expected version.
        let found = self.find_contact(company, id).await?;
        Err(found.map_or(ContactError::NotFound, |_| ContactError::PreconditionFailed))
    }
}

/// The parameters of one call of `upsert_contact`.
pub(super) struct UpsertCall<'a> {
    company: i64,
    client: &'a str,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    custom_fields: Option<Json<&'a Map<String, Value>>>,
    consent: ConsentChange,
    skip_phone_conflict: bool,
    digests: Vec<IdentifierDigest>,
}

impl UpsertCall<'_> {
    pub(super) fn parameters(&self) -> [&(dyn ToSql + Sync); 9] {
        [
            &self.company,
            &self.client,
            &self.email,
            &self.phone,
            &self.custom_fields,
            &self.consent.email,
            &self.consent.whatsapp,
            &self.skip_phone_conflict,
            &self.digests,
        ]
    }
}

/// Whether something is said about an identifier, and what it is to be.
fn sent<T>(change: &Change<T>, text: impl Fn(&T) -> &str) -> (bool, Option<&str>) {
    match change {
        Change::Keep => (false, None),
        Change::Clear => (true, None),
        Change::Set(identifier) => (true, Some(text(identifier))),
    }
}

fn read_upserted(row: &Row) -> Result<Upserted, ContactError> {
    let outcome: &str = row.get("outcome");
    let id: Option<i64> = row.get("contact_id");
    let conflict = |column, identifier| {
        row.get::<_, Option<i64>>(column).map(|id| {
            Warning::IdentifierConflict(IdentifierConflict {
                identifier,
                conflicting_contact_id: ContactId::new(id),
            })
        })
    };
    // A refusal of a contact that is not there yet has no id.
    let contact_id = ContactId::new(id.unwrap_or_default());
    if let Some(refusal) = read_refusal(outcome, contact_id, row.get("phone_conflict_id"))? {
        return Err(refusal);
    }
    let outcome = match outcome {
        "created" => Outcome::Created,
        "updated" => Outcome::Updated,
        "restored" => Outcome::Restored,
        "unchanged" => Outcome::Unchanged,
        _ => return Err(unknown("an unknown outcome").into()),
    };
    let matched_by = match row.get("matched_by") {
        None => None,
        Some("email") => Some(IdentifierKind::Email),
        Some("phone") => Some(IdentifierKind::Phone),
        Some(_) => return Err(unknown("an unknown match").into()),
    };
    let email_conflict = conflict("email_conflict_id", IdentifierKind::Email);
    let phone_conflict = conflict("phone_conflict_id", IdentifierKind::Phone);
    let conflicts = email_conflict.into_iter().chain(phone_conflict);
    let warnings = conflicts.chain(read_suppressed(row)?).collect();
    Ok(Upserted {
        contact_id,
        outcome,
        matched_by,
        warnings,
    })
}

/// The channels in which a contact was not opted in.
fn read_suppressed(row: &Row) -> Result<Vec<Warning>, StoreError> {
    let channels: Vec<&str> = row
        .try_get("suppressed_consents")
        .map_err(|_| unknown("no list of channels"))?;
    let channels = channels.into_iter().map(|channel| match channel {
        "email" => Ok(Warning::ConsentSuppressed(Channel::Email)),
        "whatsapp" => Ok(Warning::ConsentSuppressed(Channel::Whatsapp)),
        _ => Err(unknown("an unknown channel")),
    });
    channels.collect()
}

/// The refusals that the functions in SQL share; `None` if the outcome is none of them.
fn read_refusal(
    outcome: &str,
    contact_id: ContactId,
    conflicting_id: Option<i64>,
) -> Result<Option<ContactError>, StoreError> {
    let taken = |identifier| {
        let id = conflicting_id.ok_or_else(|| unknown("no conflicting id"))?;
        let conflicting_contact_id = ContactId::new(id);
        Ok(ContactError::IdentifierTaken {
            identifier,
            contact_id,
            conflicting_contact_id,
        })
    };
    let refusal = match outcome {
        "not_found" => ContactError::NotFound,
        "precondition_failed" => ContactError::PreconditionFailed,
        "email_required" => ContactError::IdentifierRequired(IdentifierKind::Email),
        "phone_required" => ContactError::IdentifierRequired(IdentifierKind::Phone),
        "email_conflict" => taken(IdentifierKind::Email)?,
        "phone_conflict" => taken(IdentifierKind::Phone)?,
        "custom_fields_too_large" => ContactError::CustomFieldsTooLarge,
        "too_many_custom_fields" => ContactError::TooManyCustomFields,
        _ => return Ok(None),
    };
    Ok(Some(refusal))
}

fn unknown(what: &str) -> StoreError {
    StoreError::Defect(format!("a function for contacts returned {what}"))
}
