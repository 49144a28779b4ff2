//! Reading contacts and their consent events.

use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::domain::{CompanyId, Consent, ConsentEvent, Contact, ContactFilter, ContactId, Deleted};
use crate::store::{Store, StoreError};

const LIST_CONTACTS: &str = include_str!("../../../sql/queries/list_contacts.sql");
const FURTHER_CONDITIONS: &str = "-- further conditions";
const FIND_CONTACT_IN_ANY_STATE: &str =
    include_str!("../../../sql/queries/find_contact_in_any_state.sql");
const LIST_CONSENT_EVENTS: &str = include_str!("../../../sql/queries/list_consent_events.sql");

impl Store {
    /// The contact with this id, live or soft-deleted.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn find_contact_in_any_state(
        &self,
        company: CompanyId,
        id: ContactId,
    ) -> Result<Option<Contact>, StoreError> {
        let rows = self
            .read_of(
                company,
                "find_contact_in_any_state",
                FIND_CONTACT_IN_ANY_STATE,
                &[&company.get(), &id.get()],
            )
            .await?;
        rows.first().map(read_contact).transpose()
    }

    /// Up to `limit` consent events of a contact with ids below `before`, newest first. `None` if there
    /// is no such contact.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn list_consent_events(
        &self,
        company: CompanyId,
        contact: ContactId,
        before: i64,
        limit: i64,
    ) -> Result<Option<Vec<ConsentEvent>>, StoreError> {
        let parameters: [&(dyn ToSql + Sync); 4] =
            [&company.get(), &contact.get(), &before, &limit];
        let rows = self
            .read_of(
                company,
                "list_consent_events",
                LIST_CONSENT_EVENTS,
                &parameters,
            )
            .await?;
        let events = rows.iter().filter_map(read_consent_event).collect();
        Ok((!rows.is_empty()).then_some(events))
    }

    /// Up to `limit` contacts with ids above `after`, in the order of their ids. Fewer if their custom
    /// fields exceed `max_bytes`.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn list_contacts(
        &self,
        company: CompanyId,
        filter: ContactFilter,
        after: i64,
        limit: i64,
        max_bytes: usize,
    ) -> Result<Vec<Contact>, StoreError> {
        let max_bytes = i64::try_from(max_bytes).unwrap_or(i64::MAX);
        let sql = LIST_CONTACTS.replace(FURTHER_CONDITIONS, &conditions(filter));
        let rows = self
            .read_of(
                company,
                "list_contacts",
                &sql,
                &[&company.get(), &after, &limit, &max_bytes],
            )
            .await?;
        rows.iter().map(read_contact).collect()
    }
}

/// A filter in SQL. It contains no text from a caller.
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
pub(in crate::store) fn read_contact(row: &Row) -> Result<Contact, StoreError> {
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

/// `None`: the row belongs to a contact without events.
fn read_consent_event(row: &Row) -> Option<ConsentEvent> {
    Some(ConsentEvent {
        id: row.get::<_, Option<i64>>("id")?,
        channel: row.get("channel"),
        old_status: row.get("old_status"),
        new_status: row.get("new_status"),
        address: row.get("address"),
        client_id: row.get("client_id"),
        occurred_at: row.get("occurred_at"),
    })
}
