//! Erasing contacts, and lifting what outlives them.

use serde_json::json;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::audit::{self, AuditEvent};
use super::{Actor, ContactError, Store, StoreError};
use crate::domain::{ClientId, CompanyId, ContactId, Identifiers};

const LOCK_CONTACT_TO_ERASE: &str = include_str!("../../sql/queries/lock_contact_to_erase.sql");
const LOCK_TWINS_TO_ERASE: &str = include_str!("../../sql/queries/lock_twins_to_erase.sql");
const ERASE_CONTACTS: &str = include_str!("../../sql/queries/erase_contacts.sql");
const LIFT_SUPPRESSIONS: &str = include_str!("../../sql/queries/lift_suppressions.sql");

impl Store {
    /// Erases a contact, live or soft-deleted, and the soft-deleted ones that share an identifier
    /// with it. Of somebody who opted out, hashes remain: a later write opts nobody in again.
    ///
    /// # Errors
    /// [`ContactError::NotFound`], or the database's.
    pub async fn erase_contact(
        &self,
        company: CompanyId,
        client: &ClientId,
        id: ContactId,
    ) -> Result<(), ContactError> {
        let is_erased = self
            .transaction("erase_contact", async |transaction| {
                let target = transaction
                    .query_opt(LOCK_CONTACT_TO_ERASE, &[&company.get(), &id.get()])
                    .await?;
                let Some(target) = target else {
                    return Ok(false);
                };
                let (email, phone) = identifiers_of(&target);
                let twins = transaction
                    .query(
                        LOCK_TWINS_TO_ERASE,
                        &[&company.get(), &id.get(), &email, &phone],
                    )
                    .await?;
                let twin_ids: Vec<i64> = twins.iter().map(|twin| twin.get("id")).collect();
                let digests: Vec<_> = std::iter::once(&target)
                    .chain(&twins)
                    .flat_map(|row| {
                        let (email, phone) = identifiers_of(row);
                        email.into_iter().chain(phone)
                    })
                    .map(|identifier| self.suppression_keys.digest(company, identifier))
                    .collect();
                let parameters: [&(dyn ToSql + Sync); 9] = [
                    &company.get(),
                    &client.as_str(),
                    &id.get(),
                    &twin_ids,
                    &email,
                    &phone,
                    &digests,
                    &has_opted_out("consent_email", "email_suppressed", &target, &twins),
                    &has_opted_out("consent_whatsapp", "whatsapp_suppressed", &target, &twins),
                ];
                transaction.execute(ERASE_CONTACTS, &parameters).await?;
                Ok(true)
            })
            .await?;
        is_erased.then_some(()).ok_or(ContactError::NotFound)
    }

    /// Lifts what erased contacts with one of these identifiers left, so that they can be opted in
    /// again. Says whether there was anything. The record names the erased contacts, and no identifier.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn lift_suppressions(
        &self,
        company: CompanyId,
        actor: &Actor,
        identifiers: &Identifiers,
    ) -> Result<bool, StoreError> {
        let digests = self.suppression_keys.digests(company, identifiers.texts());
        self.transaction("lift_suppressions", async |transaction| {
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
                action: "suppression.lift",
                company: Some(company),
                subject: format!("company:{company}"),
                before: Some(json!({"erasedContactIds": erased})),
                after: None,
            };
            audit::record(transaction, event).await?;
            Ok(true)
        })
        .await
    }
}

fn identifiers_of(row: &Row) -> (Option<&str>, Option<&str>) {
    (row.get("email"), row.get("phone"))
}

/// The contact's own word counts; where it has none, that of a twin.
fn has_opted_out(consent: &str, suppressed: &str, target: &Row, twins: &[Row]) -> bool {
    let word = |row: &Row| row.get::<_, Option<bool>>(consent);
    let is_suppressed: bool = target.get(suppressed);
    match word(target) {
        Some(has_opted_in) => !has_opted_in,
        None => is_suppressed || twins.iter().any(|twin| word(twin) == Some(false)),
    }
}
