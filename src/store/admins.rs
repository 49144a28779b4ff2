//! Administrators.

use serde_json::json;

use super::audit::{self, AuditEvent};
use super::companies::LOCK_COMPANY;
use super::{Actor, Store, StoreError};
use crate::domain::{CompanyId, Email};

const INSERT_ADMIN: &str = include_str!("../../sql/queries/insert_admin.sql");

/// What became of an administrator to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewAdmin {
    /// Created, with this id.
    Created(i64),
    /// Somebody has this e-mail address already.
    EmailTaken,
    /// There is no such company.
    NoSuchCompany,
}

impl Store {
    /// Creates an administrator of one company, or of all.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn create_admin(
        &self,
        actor: &Actor,
        email: &Email,
        password_hash: &str,
        company: Option<CompanyId>,
    ) -> Result<NewAdmin, StoreError> {
        let company_id = company.map(CompanyId::get);
        self.transaction("create_admin", async |transaction| {
            if company_id.is_some()
                && transaction
                    .query_opt(LOCK_COMPANY, &[&company_id])
                    .await?
                    .is_none()
            {
                return Ok(NewAdmin::NoSuchCompany);
            }
            let row = transaction
                .query_opt(
                    INSERT_ADMIN,
                    &[&email.as_str(), &password_hash, &company_id],
                )
                .await?;
            let Some(row) = row else {
                return Ok(NewAdmin::EmailTaken);
            };
            let id: i64 = row.get("id");
            audit::record(
                transaction,
                AuditEvent {
                    actor,
                    action: "admin.create",
                    company,
                    subject: format!("admin:{id}"),
                    before: None,
                    after: Some(json!({"companyId": company})),
                },
            )
            .await?;
            Ok(NewAdmin::Created(id))
        })
        .await
    }
}
