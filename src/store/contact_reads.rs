//! Contacts: what is read of them.

use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::{Store, StoreError};
use crate::domain::{CompanyId, Consent, ConsentEvent, Contact, ContactFilter, ContactId, Deleted};

const LIST_CONTACTS: &str = include_str!("../../sql/queries/list_contacts.sql");
const FURTHER_CONDITIONS: &str = "-- further conditions";
const IS_CONTACT: &str = include_str!("../../sql/queries/is_contact.sql");
const LIST_CONSENT_EVENTS: &str = include_str!("../../sql/queries/list_consent_events.sql");

impl Store {
    /// Whether there is a contact with this id, live or soft-deleted.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn is_contact(
        &self,
        company: CompanyId,
        contact: ContactId,
    ) -> Result<bool, StoreError> {
        let rows = self
            .read("is_contact", IS_CONTACT, &[&company.get(), &contact.get()])
            .await?;
        Ok(!rows.is_empty())
    }

    /// Up to `limit` consent events of a contact with ids below `before`, newest first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn list_consent_events(
        &self,
        company: CompanyId,
        contact: ContactId,
        before: i64,
        limit: i64,
    ) -> Result<Vec<ConsentEvent>, StoreError> {
        let parameters: [&(dyn ToSql + Sync); 4] =
            [&company.get(), &contact.get(), &before, &limit];
        let rows = self
            .read("list_consent_events", LIST_CONSENT_EVENTS, &parameters)
            .await?;
        Ok(rows.iter().map(read_consent_event).collect())
    }

    /// Up to `limit` contacts with ids above `after`, in the order of their ids.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn list_contacts(
        &self,
        company: CompanyId,
        filter: ContactFilter,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Contact>, StoreError> {
        let sql = LIST_CONTACTS.replace(FURTHER_CONDITIONS, &conditions(filter));
        let rows = self
            .read("list_contacts", &sql, &[&company.get(), &after, &limit])
            .await?;
        rows.iter().map(read_contact).collect()
    }
}

/// A filter in SQL. Nothing that a caller sent stands in it.
fn conditions(filter: ContactFilter) -> String {
    let deleted = match filter.deleted {
        Deleted::Exclude => "and deleted_at is null",
        Deleted::Include => "",
        Deleted::Only => "and deleted_at is not null",
    };
    let email = match filter.consent_email {
        None => "",
        Some(true) => "and consent_email = true",
        Some(false) => "and consent_email = false",
    };
    let whatsapp = match filter.consent_whatsapp {
        None => "",
        Some(true) => "and consent_whatsapp = true",
        Some(false) => "and consent_whatsapp = false",
    };
    [deleted, email, whatsapp].join(" ")
}

/// Reads the columns of a contact.
pub(super) fn read_contact(row: &Row) -> Result<Contact, StoreError> {
    let custom_fields: String = row.get("custom_fields");
    let custom_fields = RawValue::from_string(custom_fields)
        .map_err(|_| StoreError::Defect("stored custom fields are no JSON".to_owned()))?;
    Ok(Contact {
        contact_id: ContactId::new(row.get("id")),
        email: row.get("email"),
        phone: row.get("phone"),
        custom_fields,
        marketing_consent: Consent {
            email: row.get("consent_email"),
            whatsapp: row.get("consent_whatsapp"),
        },
        created_at: row.get("created_at"),
        updated_at: row.get("updated_at"),
        deleted_at: row.get("deleted_at"),
        warnings: Vec::new(),
    })
}

fn read_consent_event(row: &Row) -> ConsentEvent {
    ConsentEvent {
        id: row.get("id"),
        channel: row.get("channel"),
        old_status: row.get("old_status"),
        new_status: row.get("new_status"),
        address: row.get("address"),
        client_id: row.get("client_id"),
        occurred_at: row.get("occurred_at"),
    }
}
