//! Companies, for administrators.

use std::str::FromStr;

use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::audit::{self, AuditEvent};
use super::quota_columns;
use super::used_forms::use_form;
use super::{Actor, Store, StoreError};
use crate::ambient;
use crate::domain::{
    CompanyId, ConsentOnAddressChange, EmailConflict, Label, PhoneConflict, Quota, timestamp,
};

const INSERT_COMPANY: &str = include_str!("../../sql/queries/insert_company.sql");
const LIST_COMPANIES: &str = include_str!("../../sql/queries/list_companies.sql");
pub(super) const LOCK_COMPANY: &str = include_str!("../../sql/queries/lock_company.sql");
const UPDATE_COMPANY: &str = include_str!("../../sql/queries/update_company.sql");

/// A company as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// Its id.
    pub company_id: CompanyId,
    /// Its name.
    pub name: String,
    /// Whether its contacts may have a phone alone.
    pub phone_only_contacts: bool,
    /// What happens to a phone that belongs to another contact.
    pub phone_conflict: PhoneConflict,
    /// What happens to a contact that is matched by phone and has another e-mail address.
    pub email_conflict: EmailConflict,
    /// What becomes of an opt-in when its address changes.
    pub consent_on_address_change: ConsentOnAddressChange,
    /// Whether its contacts may store defined custom fields alone.
    pub strict_custom_fields: bool,
    /// The limit of its keys without one of their own; none: the configured default.
    pub rate_limit: Option<Quota>,
    /// Whether its keys are refused.
    pub suspended: bool,
    /// When it was created.
    #[serde(serialize_with = "timestamp::serialize")]
    pub created_at: OffsetDateTime,
    #[serde(skip)]
    suspended_at: Option<OffsetDateTime>,
}

/// What to change of a company; `None` leaves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompanyChange {
    /// A new name.
    pub name: Option<Label>,
    /// Whether its contacts may have a phone alone.
    pub phone_only_contacts: Option<bool>,
    /// What happens to a phone that belongs to another contact.
    pub phone_conflict: Option<PhoneConflict>,
    /// What happens to a contact that is matched by phone and has another e-mail address.
    pub email_conflict: Option<EmailConflict>,
    /// What becomes of an opt-in when its address changes.
    pub consent_on_address_change: Option<ConsentOnAddressChange>,
    /// Whether its contacts may store defined custom fields alone.
    pub strict_custom_fields: Option<bool>,
    /// A new limit, or `Some(None)` for the configured default.
    pub rate_limit: Option<Option<Quota>>,
    /// Whether its keys are refused.
    pub suspended: Option<bool>,
}

impl Store {
    /// Creates a company.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn create_company(&self, actor: &Actor, name: &Label) -> Result<Company, StoreError> {
        let row = self
            .transaction("create_company", async |transaction| {
                let row = transaction
                    .query_one(INSERT_COMPANY, &[&name.as_str()])
                    .await?;
                let company = CompanyId::new(row.get("id"));
                use_form(transaction, actor, &format!("company:{company}")).await?;
                audit::record(
                    transaction,
                    AuditEvent {
                        actor,
                        action: "company.create",
                        company: Some(company),
                        subject: format!("company:{company}"),
                        before: None,
                        after: Some(json!({"name": name})),
                    },
                )
                .await?;
                Ok(row)
            })
            .await?;
        read_company(&row)
    }

    /// Changes a company, where that makes a difference; `None` if there is none with this id.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn update_company(
        &self,
        actor: &Actor,
        id: CompanyId,
        change: &CompanyChange,
    ) -> Result<Option<Company>, StoreError> {
        self.transaction("update_company", async |transaction| {
            let Some(row) = transaction.query_opt(LOCK_COMPANY, &[&id.get()]).await? else {
                return Ok(Ok(None));
            };
            let before = match read_company(&row) {
                Ok(company) => company,
                Err(error) => return Ok(Err(error)),
            };
            let after = before.clone().with(change);
            if after == before {
                return Ok(Ok(Some(after)));
            }
            let (limit, window) = quota_columns::write(after.rate_limit);
            transaction
                .execute(
                    UPDATE_COMPANY,
                    &[
                        &id.get(),
                        &after.name,
                        &after.phone_only_contacts,
                        &after.phone_conflict.as_str(),
                        &limit,
                        &window,
                        &after.suspended_at,
                        &after.strict_custom_fields,
                        &after.email_conflict.as_str(),
                        &after.consent_on_address_change.as_str(),
                    ],
                )
                .await?;
            audit::record(
                transaction,
                AuditEvent {
                    actor,
                    action: "company.update",
                    company: Some(id),
                    subject: format!("company:{id}"),
                    before: Some(json!(before)),
                    after: Some(json!(after)),
                },
            )
            .await?;
            Ok(Ok(Some(after)))
        })
        .await?
    }

    /// At most `limit` companies after the one with the id `after`, the oldest first; or the one that
    /// is named.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn list_companies(
        &self,
        company: Option<CompanyId>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Company>, StoreError> {
        let company = company.map(CompanyId::get);
        let rows = self
            .read(
                "list_companies",
                LIST_COMPANIES,
                &[&company, &after, &limit],
            )
            .await?;
        rows.iter().map(read_company).collect()
    }
}

impl Company {
    fn with(mut self, change: &CompanyChange) -> Self {
        if let Some(name) = &change.name {
            name.as_str().clone_into(&mut self.name);
        }
        self.phone_only_contacts = change
            .phone_only_contacts
            .unwrap_or(self.phone_only_contacts);
        self.phone_conflict = change.phone_conflict.unwrap_or(self.phone_conflict);
        self.email_conflict = change.email_conflict.unwrap_or(self.email_conflict);
        self.consent_on_address_change = change
            .consent_on_address_change
            .unwrap_or(self.consent_on_address_change);
        self.strict_custom_fields = change
            .strict_custom_fields
            .unwrap_or(self.strict_custom_fields);
        self.rate_limit = change.rate_limit.unwrap_or(self.rate_limit);
        match change.suspended {
            Some(true) => self.suspended_at = self.suspended_at.or_else(|| Some(ambient::now())),
            Some(false) => self.suspended_at = None,
            None => {}
        }
        self.suspended = self.suspended_at.is_some();
        self
    }
}

fn read_company(row: &Row) -> Result<Company, StoreError> {
    let suspended_at: Option<OffsetDateTime> = row.get("suspended_at");
    Ok(Company {
        company_id: CompanyId::new(row.get("id")),
        name: row.get("name"),
        phone_only_contacts: row.get("phone_only_contacts"),
        phone_conflict: read_choice(row, "phone_conflict")?,
        email_conflict: read_choice(row, "email_conflict")?,
        consent_on_address_change: read_choice(row, "consent_on_address_change")?,
        strict_custom_fields: row.get("strict_custom_fields"),
        rate_limit: quota_columns::read(row)?,
        suspended: suspended_at.is_some(),
        created_at: row.get("created_at"),
        suspended_at,
    })
}

/// Reads a column that holds what a company chose.
pub(super) fn read_choice<T: FromStr>(row: &Row, column: &str) -> Result<T, StoreError> {
    row.get::<_, &str>(column)
        .parse()
        .map_err(|_| StoreError::Defect(format!("a stored {column} is unknown")))
}
