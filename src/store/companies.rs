//! Companies.

use std::str::FromStr;

use serde_json::json;
use time::OffsetDateTime;
use tokio_postgres::{Row, Transaction};

use super::audit::{self, AuditEvent};
use super::postgres::error::TxError;
use super::quota_columns;
use super::used_forms::use_form;
use super::{Store, StoreError};
use crate::domain::{Actor, AuditAction, AuditSubject, Company, CompanyChange, CompanyId, Label};

const INSERT_COMPANY: &str = include_str!("../../sql/queries/insert_company.sql");
const LIST_COMPANIES: &str = include_str!("../../sql/queries/list_companies.sql");
pub(super) const LOCK_COMPANY: &str = include_str!("../../sql/queries/lock_company.sql");
const UPDATE_COMPANY: &str = include_str!("../../sql/queries/update_company.sql");

impl Store {
    /// Creates a company.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn create_company(
        &self,
        actor: &Actor,
        name: &Label,
        now: OffsetDateTime,
    ) -> Result<Company, StoreError> {
        self.transaction("create_company", async |transaction| {
            let row = transaction
                .query_one(INSERT_COMPANY, &[&name.as_str()])
                .await?;
            let company = CompanyId::new(row.get("id"));
            let subject = AuditSubject::Company(company);
            use_form(transaction, actor, subject, now).await?;
            audit::record(
                transaction,
                AuditEvent {
                    actor,
                    action: AuditAction::CompanyCreate,
                    company: Some(company),
                    subject,
                    before: None,
                    after: Some(json!({"name": name})),
                },
            )
            .await?;
            find(transaction, company).await
        })
        .await
    }

    /// Changes a company. Does nothing if the change has no effect. `None` if there is no such company.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn update_company(
        &self,
        actor: &Actor,
        id: CompanyId,
        change: &CompanyChange,
        now: OffsetDateTime,
    ) -> Result<Option<Company>, StoreError> {
        self.transaction("update_company", async |transaction| {
            let locked = transaction.query_opt(LOCK_COMPANY, &[&id.get()]).await?;
            if locked.is_none() {
                return Ok(None);
            }
            let before = find(transaction, id).await?;
            let after = before.clone().with(change, now);
            if after == before {
                return Ok(Some(after));
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
                    action: AuditAction::CompanyUpdate,
                    company: Some(id),
                    subject: AuditSubject::Company(id),
                    before: Some(json!(before)),
                    after: Some(json!(after)),
                },
            )
            .await?;
            Ok(Some(after))
        })
        .await
    }

    /// Up to `limit` companies with ids above `after`, the oldest first, or one company.
    ///
    /// # Errors
    /// A [`StoreError`].
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

/// Reads a company that exists.
async fn find(
    transaction: &Transaction<'_>,
    id: CompanyId,
) -> Result<Company, TxError<StoreError>> {
    let row = transaction
        .query_one(LIST_COMPANIES, &[&Some(id.get()), &0_i64, &1_i64])
        .await?;
    Ok(read_company(&row)?)
}

fn read_company(row: &Row) -> Result<Company, StoreError> {
    Ok(Company {
        company_id: CompanyId::new(row.get("id")),
        name: row.get("name"),
        phone_only_contacts: row.get("phone_only_contacts"),
        phone_conflict: read_choice(row, "phone_conflict")?,
        email_conflict: read_choice(row, "email_conflict")?,
        consent_on_address_change: read_choice(row, "consent_on_address_change")?,
        strict_custom_fields: row.get("strict_custom_fields"),
        rate_limit: quota_columns::read(row)?,
        suspended_at: row.get("suspended_at"),
        created_at: row.get("created_at"),
    })
}

/// Reads a column of a company's settings.
pub(super) fn read_choice<T: FromStr>(row: &Row, column: &str) -> Result<T, StoreError> {
    row.get::<_, &str>(column)
        .parse()
        .map_err(|_| StoreError::Defect(format!("a stored {column} is unknown")))
}
