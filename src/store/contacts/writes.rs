//! Writing contacts.

use time::OffsetDateTime;

use super::reads::read_contact;
use super::results::{read_refusal, read_suppressed, unknown};
use super::upsert_call::UpsertCall;
use crate::domain::{
    Change, ClientId, CompanyId, CompanySettings, ConsentOnAddressChange, Contact, ContactChange,
    ContactId, ContactPatch, Email, Phone, Upserted,
};
use crate::store::postgres::json_text::JsonText;
use crate::store::{ContactError, Store, StoreError};

const UPDATE_CONTACT: &str = include_str!("../../../sql/queries/update_contact.sql");
const DELETE_CONTACT: &str = include_str!("../../../sql/queries/delete_contact.sql");

/// How many upserts of a request to `/contacts/batch` run in one transaction: enough to share its
/// cost, and few enough not to delay other callers.
pub const UNIT_SIZE: usize = 100;

/// The versions of a contact (its `updated_at`) that may be changed. `None`: any.
pub type ExpectedVersions<'a> = Option<&'a [OffsetDateTime]>;

impl Store {
    /// Finds a contact by e-mail address, otherwise by phone, otherwise among the soft-deleted ones.
    /// Creates one if none matches. Then merges the patch. The write is durable when this returns.
    ///
    /// # Errors
    /// Nothing was written, except that after [`StoreError::Unavailable`] the write may have been made.
    /// Repeating the call is safe.
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

    /// Upserts each of `patches`. Those that share an identifier run in order. Each has a result of its
    /// own, at the same index. If the database is unavailable for a part, the rest is not tried.
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

    /// Changes the contact with this id, and restores it if it is soft-deleted. Only the members of the
    /// patch change. Returns the contact afterwards.
    ///
    /// # Errors
    /// Those of [`Store::upsert_contact`].
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

    /// Soft-deletes a contact. Other contacts may use its identifiers, and it can be restored.
    ///
    /// # Errors
    /// [`ContactError::NotFound`], [`ContactError::PreconditionFailed`], or a [`StoreError`].
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

/// The reason if the database was unavailable for all of these.
fn outage(results: &[Result<Upserted, ContactError>]) -> Option<StoreError> {
    let errors = results.iter().map(|result| match result {
        Err(ContactError::Store(error @ StoreError::Unavailable(_))) => Some(error),
        _ => None,
    });
    let errors: Option<Vec<&StoreError>> = errors.collect();
    errors?.first().copied().cloned()
}

/// Whether the patch sets an identifier, and its new value.
fn sent<T>(change: &Change<T>, text: impl Fn(&T) -> &str) -> (bool, Option<&str>) {
    match change {
        Change::Keep => (false, None),
        Change::Clear => (true, None),
        Change::Set(identifier) => (true, Some(text(identifier))),
    }
}
