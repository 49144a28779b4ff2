//! Erasing contacts, and lifting suppressions.

use serde_json::json;
use tokio_postgres::types::ToSql;

use crate::domain::{
    Actor, AuditAction, AuditSubject, CompanyId, ContactId, IdentifierDigest, Identifiers,
};
use crate::store::audit::{self, AuditEvent};
use crate::store::postgres::error::TxError;
use crate::store::{ContactError, Store, StoreError};

pub(in crate::store) const FIND_IDENTIFIERS_TO_ERASE: &str =
    include_str!("../../../sql/queries/find_identifiers_to_erase.sql");
const ERASE_CONTACTS: &str = include_str!("../../../sql/queries/erase_contacts.sql");
const LIFT_SUPPRESSIONS: &str = include_str!("../../../sql/queries/lift_suppressions.sql");

impl Store {
    /// Erases a contact, active or soft-deleted, and the soft-deleted contacts with one of its current or
    /// former identifiers. If the person opted out, hashes remain, so that no later write opts them in.
    ///
    /// # Errors
    /// [`ContactError::NotFound`], or a [`StoreError`].
    pub async fn erase_contact(
        &self,
        company: CompanyId,
        actor: &Actor,
        id: ContactId,
    ) -> Result<(), ContactError> {
        self.transaction_of(company, "erase_contact", async |transaction| {
            let rows = transaction
                .query(FIND_IDENTIFIERS_TO_ERASE, &[&company.get(), &id.get()])
                .await?;
            let identifiers: Vec<&str> = rows.iter().map(|row| row.get("identifier")).collect();
            if identifiers.is_empty() {
                return Err(TxError::Refused(ContactError::NotFound));
            }
            let digests: Vec<IdentifierDigest> = identifiers
                .iter()
                .map(|identifier| self.suppression_keys.digest(company, identifier))
                .collect();
            let parameters: [&(dyn ToSql + Sync); 7] = [
                &company.get(),
                &actor.name(),
                &id.get(),
                &identifiers,
                &digests,
                &audit::client_address(actor),
                &audit::request_id(actor),
            ];
            let row = transaction.query_one(ERASE_CONTACTS, &parameters).await?;
            if row.get("is_erased") {
                Ok(())
            } else {
                Err(TxError::Refused(ContactError::NotFound))
            }
        })
        .await
    }

    /// Deletes the suppressions of these identifiers, so that they can be opted in again. Returns whether
    /// there were any. The audit event names the erased contacts, and no identifier.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn lift_suppressions(
        &self,
        company: CompanyId,
        actor: &Actor,
        identifiers: &Identifiers,
    ) -> Result<bool, StoreError> {
        let digests = self.suppression_keys.digests(company, identifiers.texts());
        self.transaction_of(company, "lift_suppressions", async |transaction| {
            let lifted = transaction
                .query(LIFT_SUPPRESSIONS, &[&company.get(), &digests])
                .await?;
            if lifted.is_empty() {
                return Ok(false);
            }
            let erased: Vec<ContactId> = lifted
                .iter()
                .map(|row| ContactId::new(row.get("erased_contact_id")))
                .collect();
            let event = AuditEvent {
                actor,
                action: AuditAction::SuppressionLift,
                company: Some(company),
                subject: AuditSubject::Company(company),
                before: Some(json!({"erasedContactIds": erased})),
                after: None,
            };
            audit::record(transaction, event).await?;
            Ok(true)
        })
        .await
    }
}
