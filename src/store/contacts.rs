//! Contacts: the write path.

use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::{Store, StoreError};
use crate::domain::{
    ClientId, CompanyId, CompanySettings, ContactId, ContactPatch, Email, IdentifierConflict,
    IdentifierKind, Outcome, Phone, PhoneConflict, Upserted,
};

const UPSERT_CONTACT: &str = include_str!("../../sql/queries/upsert_contact.sql");

/// Why an upsert wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum UpsertError {
    /// The sent phone belongs to another live contact.
    #[error("the phone belongs to another contact")]
    PhoneConflict {
        /// The contact with the sent e-mail address.
        contact_id: ContactId,
        /// The contact with the sent phone.
        conflicting_contact_id: ContactId,
    },
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
    ) -> Result<Upserted, UpsertError> {
        let email = patch.identifiers.email().map(Email::as_str);
        let phone = patch.identifiers.phone().map(Phone::as_str);
        let custom_fields = patch
            .custom_fields
            .as_ref()
            .map(|fields| Json(fields.as_object()));
        let skip_phone_conflict = settings.phone_conflict == PhoneConflict::Skip;

        let rows = self
            .write(
                "upsert_contact",
                UPSERT_CONTACT,
                &[
                    &company.get(),
                    &client.as_str(),
                    &email,
                    &phone,
                    &custom_fields,
                    &patch.consent.email,
                    &patch.consent.whatsapp,
                    &skip_phone_conflict,
                ],
            )
            .await?;
        let row = rows.first().ok_or_else(|| unknown("no row"))?;
        let result = read_result(row);
        if let Ok(upserted) = &result {
            self.metrics.contact_upserted(upserted.outcome);
        }
        result
    }
}

fn read_result(row: &Row) -> Result<Upserted, UpsertError> {
    let contact_id = || {
        row.get::<_, Option<i64>>("contact_id")
            .map(ContactId::new)
            .ok_or_else(|| unknown("no id"))
    };
    let conflict = |column, identifier| {
        row.get::<_, Option<i64>>(column)
            .map(|id| IdentifierConflict {
                identifier,
                conflicting_contact_id: ContactId::new(id),
            })
    };
    let phone_conflict = conflict("phone_conflict_id", IdentifierKind::Phone);

    let outcome = match row.get("outcome") {
        "created" => Outcome::Created,
        "updated" => Outcome::Updated,
        "restored" => Outcome::Restored,
        "unchanged" => Outcome::Unchanged,
        "custom_fields_too_large" => return Err(UpsertError::CustomFieldsTooLarge),
        "too_many_custom_fields" => return Err(UpsertError::TooManyCustomFields),
        "phone_conflict" => {
            let conflict = phone_conflict.ok_or_else(|| unknown("no conflicting id"))?;
            return Err(UpsertError::PhoneConflict {
                contact_id: contact_id()?,
                conflicting_contact_id: conflict.conflicting_contact_id,
            });
        }
        _ => return Err(unknown("an unknown outcome").into()),
    };
    let matched_by = match row.get("matched_by") {
        None => None,
        Some("email") => Some(IdentifierKind::Email),
        Some("phone") => Some(IdentifierKind::Phone),
        Some(_) => return Err(unknown("an unknown match").into()),
    };
    let email_conflict = conflict("email_conflict_id", IdentifierKind::Email);
    Ok(Upserted {
        contact_id: contact_id()?,
        outcome,
        matched_by,
        warnings: email_conflict.into_iter().chain(phone_conflict).collect(),
    })
}

fn unknown(what: &str) -> StoreError {
    StoreError::Defect(format!("upsert_contact returned {what}"))
}
