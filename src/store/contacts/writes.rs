//! Contacts: the write path.

use time::OffsetDateTime;

use super::reads::read_contact;
use super::results::{read_refusal, read_suppressed, unknown};
use super::upsert_call::UpsertCall;
use crate::domain::{
    Change, ClientId, CompanyId, CompanySettings, ConsentOnAddressChange, Contact, ContactChange,
    ContactId, ContactPatch, Email, IdentifierKind, Phone, Upserted,
};
use crate::store::postgres::json_text::JsonText;
use crate::store::{Store, StoreError};

const UPDATE_CONTACT: &str = include_str!("../../../sql/queries/update_contact.sql");
const DELETE_CONTACT: &str = include_str!("../../../sql/queries/delete_contact.sql");

/// Upserts of one batch that are made together: enough to share the cost of a transaction, few
/// enough that nobody waits for long behind them.
pub const UNIT_SIZE: usize = 100;

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
    /// The contact that was matched by phone has another e-mail address, and its company chose to
    /// refuse that.
    #[error("the contact with this phone has another e-mail address")]
    EmailDiffers {
        /// The contact that has the phone.
        contact_id: ContactId,
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
    Store(StoreError),
}

impl From<StoreError> for ContactError {
    fn from(error: StoreError) -> Self {
        match error {
            // Custom fields alone are of any size.
            StoreError::TooLarge(_) => Self::CustomFieldsTooLarge,
            StoreError::Unavailable(_) | StoreError::Defect(_) | StoreError::ActorDisabled => {
                Self::Store(error)
            }
        }
    }
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
        patch: ContactPatch,
    ) -> Result<Upserted, ContactError> {
        let call = self.upsert_call(company, settings, client, patch);
        self.upsert(call).await
    }

    /// Upserts each of `patches`, in their order where they share an identifier. They are
    /// independent: each has a result of its own, at the same index. But once the database did none
    /// of a part, it is not asked for the rest.
    pub async fn upsert_contacts(
        &self,
        company: CompanyId,
        settings: CompanySettings,
        client: &ClientId,
        patches: Vec<ContactPatch>,
    ) -> Vec<Result<Upserted, ContactError>> {
        let mut results = Vec::with_capacity(patches.len());
        let mut calls = patches
            .into_iter()
            .map(|patch| self.upsert_call(company, settings, client, patch));
        loop {
            let unit: Vec<UpsertCall> = calls.by_ref().take(UNIT_SIZE).collect();
            if unit.is_empty() {
                return results;
            }
            let made = self.upsert_queued(company, unit).await;
            let outage = outage(&made);
            results.extend(made);
            if let Some(error) = outage {
                results.extend(calls.map(|_| Err(error.clone().into())));
                return results;
            }
        }
    }

    fn upsert_call(
        &self,
        company: CompanyId,
        settings: CompanySettings,
        client: &ClientId,
        patch: ContactPatch,
    ) -> UpsertCall {
        UpsertCall {
            company,
            client: client.clone(),
            settings,
            digests: self
                .suppression_keys
                .digests(company, patch.identifiers.texts()),
            patch,
        }
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
            .map(|fields| JsonText(fields.as_json()));
        let reset_consents = settings.consent_on_address_change == ConsentOnAddressChange::Reset;
        let digests = self
            .suppression_keys
            .digests(company, email.into_iter().chain(phone));
        let rows = self
            .write_of(
                company,
                "update_contact",
                UPDATE_CONTACT,
                &[
                    &company.get(),
                    &client.as_str(),
                    &id.get(),
                    &expected,
                    &settings.phone_only_contacts,
                    &reset_consents,
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
        let rows = self
            .write_of(
                company,
                "delete_contact",
                DELETE_CONTACT,
                &[&company.get(), &id.get(), &expected],
            )
            .await?;
        let row = rows.first().ok_or_else(|| unknown("no row"))?;
        match (row.get("is_deleted"), row.get("is_found")) {
            (true, _) => Ok(()),
            (false, true) => Err(ContactError::PreconditionFailed),
            (false, false) => Err(ContactError::NotFound),
        }
    }
}

/// Why the database did none of these, if it did none.
fn outage(results: &[Result<Upserted, ContactError>]) -> Option<StoreError> {
    let errors = results.iter().map(|result| match result {
        Err(ContactError::Store(error @ StoreError::Unavailable(_))) => Some(error),
        _ => None,
    });
    let errors: Option<Vec<&StoreError>> = errors.collect();
    errors?.first().copied().cloned()
}

/// Whether something is said about an identifier, and what it is to be.
fn sent<T>(change: &Change<T>, text: impl Fn(&T) -> &str) -> (bool, Option<&str>) {
    match change {
        Change::Keep => (false, None),
        Change::Clear => (true, None),
        Change::Set(identifier) => (true, Some(text(identifier))),
    }
}
