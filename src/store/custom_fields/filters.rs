//! Filters by custom field: listing contacts with them, building and dropping them.

use serde_json::Value;
use tokio_postgres::types::{Json, ToSql};

use crate::domain::{CompanyId, Contact, ContactFilter, DefinitionId, Deleted, FilterState};
use crate::store::contacts::reads::read_contact;
use crate::store::{Store, StoreError};

const LIST_CONTACTS_BY_CUSTOM_FIELD: &str =
    include_str!("../../../sql/queries/list_contacts_by_custom_field.sql");
const ADVANCE_FILTER: &str = include_str!("../../../sql/queries/advance_filter.sql");
const UNFINISHED_FILTERS: &str = include_str!("../../../sql/queries/unfinished_filters.sql");

/// How many contacts one transaction locks and indexes.
const CHUNK: i32 = 500;

/// Selects contacts with this value in a filterable custom field.
#[derive(Debug, Clone)]
pub struct ValueFilter {
    /// The id of the field's definition.
    pub definition: DefinitionId,
    /// The value.
    pub value: Value,
}

impl Store {
    /// Like [`Store::list_contacts`], but only contacts with all of these values.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn list_contacts_by_custom_field(
        &self,
        company: CompanyId,
        filter: ContactFilter,
        (first, further): (&ValueFilter, &[ValueFilter]),
        after: i64,
        limit: i64,
        max_bytes: usize,
    ) -> Result<Vec<Contact>, StoreError> {
        let max_bytes = i64::try_from(max_bytes).unwrap_or(i64::MAX);
        let is_deleted = match filter.deleted {
            Deleted::Exclude => Some(false),
            Deleted::Only => Some(true),
            Deleted::Include => None,
        };
        let definitions: Vec<i64> = further
            .iter()
            .map(|filter| filter.definition.get())
            .collect();
        let values: Vec<Json<&Value>> = further.iter().map(|filter| Json(&filter.value)).collect();
        let parameters: [&(dyn ToSql + Sync); 11] = [
            &company.get(),
            &after,
            &limit,
            &first.definition.get(),
            &Json(&first.value),
            &definitions,
            &values,
            &is_deleted,
            &filter.consent_email,
            &filter.consent_whatsapp,
            &max_bytes,
        ];
        let rows = self
            .read_of(
                company,
                "list_contacts_by_custom_field",
                LIST_CONTACTS_BY_CUSTOM_FIELD,
                &parameters,
            )
            .await?;
        rows.iter().map(read_contact).collect()
    }

    /// Builds or drops a filter. If the caller stops waiting, [`Store::finish_filters`] does the rest.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn finish_filter(
        &self,
        company: CompanyId,
        definition: DefinitionId,
    ) -> Result<(), StoreError> {
        loop {
            let parameters: [&(dyn ToSql + Sync); 3] = [&company.get(), &definition.get(), &CHUNK];
            let rows = self
                .write("advance_filter", ADVANCE_FILTER, &parameters)
                .await?;
            let state = rows
                .first()
                .and_then(|row| row.get::<_, Option<&str>>("state"));
            match state.and_then(FilterState::parse) {
                Some(FilterState::Building | FilterState::Dropping) => {}
                // It is finished, or another replica works on it.
                Some(FilterState::None | FilterState::Ready) | None => return Ok(()),
            }
        }
    }

    /// Builds and drops the unfinished filters of all companies.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn finish_filters(&self) -> Result<(), StoreError> {
        let rows = self
            .read("unfinished_filters", UNFINISHED_FILTERS, &[])
            .await?;
        for row in rows {
            let company = CompanyId::new(row.get("company_id"));
            let definition = DefinitionId::new(row.get("id"));
            self.finish_filter(company, definition).await?;
        }
        Ok(())
    }
}
