//! Retention of soft-deleted contacts and audit events.

use time::OffsetDateTime;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use tracing::warn;

use super::contacts::erasure::FIND_IDENTIFIERS_TO_ERASE;
use super::{Store, StoreError};
use crate::domain::{CompanyId, ContactId};
use crate::metrics::RetentionTask;

const EXPIRED_CONTACTS: &str = include_str!("../../sql/queries/expired_contacts.sql");
const ERASE_EXPIRED_CONTACT: &str = include_str!("../../sql/queries/erase_expired_contact.sql");
const DELETE_EXPIRED_AUDIT_EVENTS: &str =
    include_str!("../../sql/queries/delete_expired_audit_events.sql");

/// Keys of advisory locks, different from all others on the same database.
const ERASING: i64 = 0x0072_7562_6572_6173;
const EXPIRING: i64 = 0x0072_7562_6578_7069;
/// How many companies one statement finds, and how many contacts of each.
const COMPANIES_PER_STATEMENT: i64 = 100;
const CONTACTS_PER_STATEMENT: i64 = 20;
/// How many audit events one transaction deletes.
const EVENTS_PER_STATEMENT: i32 = 5000;

impl Store {
    /// Erases the contacts that were soft-deleted before a time, each as [`Store::erase_contact`] does, in
    /// a transaction of its own. Continues with the others if one cannot be erased. Stops if another
    /// replica does the same.
    ///
    /// # Errors
    /// If the database is out of reach.
    pub async fn erase_expired_contacts(
        &self,
        deleted_before: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut after = 0_i64;
        loop {
            let parameters: [&(dyn ToSql + Sync); 4] = [
                &after,
                &COMPANIES_PER_STATEMENT,
                &deleted_before,
                &CONTACTS_PER_STATEMENT,
            ];
            let rows = self
                .read("expired_contacts", EXPIRED_CONTACTS, &parameters)
                .await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            let last: i64 = last.get("company_id");
            let contacts: Vec<_> = rows.iter().filter_map(read_contact).collect();
            let mut is_any_erased = false;
            for (company, contact) in contacts {
                let erased = self.erase_expired_contact(company, contact, deleted_before);
                match erased.await {
                    Ok(Some(is_erased)) => is_any_erased |= is_erased,
                    // Another replica does the same.
                    Ok(None) => return Ok(()),
                    Err(error @ StoreError::Unavailable(_)) => return Err(error),
                    Err(error) => {
                        self.metrics.retention.failed(RetentionTask::Contacts);
                        warn!(%error, %company, %contact, "an expired contact was not erased");
                    }
                }
            }
            // These companies may have more.
            if !is_any_erased {
                after = last;
            }
        }
    }

    /// Counts a failed run of the retention.
    pub fn count_failed_removal(&self, task: RetentionTask) {
        self.metrics.retention.failed(task);
    }

    /// Whether the contact was erased. `None`: another replica is erasing one.
    async fn erase_expired_contact(
        &self,
        company: CompanyId,
        contact: ContactId,
        deleted_before: OffsetDateTime,
    ) -> Result<Option<bool>, StoreError> {
        let rows = self
            .read(
                "find_identifiers_to_erase",
                FIND_IDENTIFIERS_TO_ERASE,
                &[&company.get(), &contact.get()],
            )
            .await?;
        let identifiers: Vec<&str> = rows.iter().map(|row| row.get("identifier")).collect();
        let digests: Vec<_> = identifiers
            .iter()
            .map(|identifier| self.suppression_keys.digest(company, identifier))
            .collect();
        let parameters: [&(dyn ToSql + Sync); 6] = [
            &ERASING,
            &company.get(),
            &contact.get(),
            &deleted_before,
            &identifiers,
            &digests,
        ];
        let rows = self
            .write("erase_expired_contact", ERASE_EXPIRED_CONTACT, &parameters)
            .await?;
        let is_erased: Option<bool> = rows.first().and_then(|row| row.get("is_erased"));
        if is_erased == Some(true) {
            self.metrics.retention.removed(RetentionTask::Contacts, 1);
        }
        Ok(is_erased)
    }

    /// Deletes the audit events before a time, some per transaction. The database records how many. Stops
    /// if another replica does the same.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn delete_expired_audit_events(
        &self,
        older_than: OffsetDateTime,
    ) -> Result<(), StoreError> {
        loop {
            let parameters: [&(dyn ToSql + Sync); 3] =
                [&EXPIRING, &older_than, &EVENTS_PER_STATEMENT];
            let rows = self
                .write(
                    "delete_expired_audit_events",
                    DELETE_EXPIRED_AUDIT_EVENTS,
                    &parameters,
                )
                .await?;
            let deleted: i64 = rows.first().map_or(0, |row| row.get("deleted"));
            if deleted == 0 {
                return Ok(());
            }
            let count = deleted.unsigned_abs();
            self.metrics.retention.removed(RetentionTask::Audit, count);
        }
    }
}

/// A contact to erase. A company without one has a row, too.
fn read_contact(row: &Row) -> Option<(CompanyId, ContactId)> {
    let contact: Option<i64> = row.get("contact_id");
    let company = CompanyId::new(row.get("company_id"));
    contact.map(|contact| (company, ContactId::new(contact)))
}
