//! The record of administrative changes.

use std::fmt;

use serde_json::Value;
use tokio_postgres::Transaction;
use tokio_postgres::types::Json;

use crate::domain::CompanyId;

const INSERT_AUDIT_EVENT: &str = include_str!("../../sql/queries/insert_audit_event.sql");

/// Who makes an administrative change.
#[derive(Debug, Clone)]
pub struct Actor(String);

impl Actor {
    /// Somebody with a shell: the system user and the host.
    #[must_use]
    pub fn command_line(user: &str, host: &str) -> Self {
        Self(format!("cli:{user}@{host}"))
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One change, with no secret in it.
pub(super) struct AuditEvent<'a> {
    pub(super) actor: &'a Actor,
    pub(super) action: &'static str,
    pub(super) company: Option<CompanyId>,
    pub(super) subject: String,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

/// Records a change in the transaction that makes it: neither stands without the other.
pub(super) async fn record(
    transaction: &Transaction<'_>,
    event: AuditEvent<'_>,
) -> Result<(), tokio_postgres::Error> {
    let company = event.company.map(CompanyId::get);
    transaction
        .execute(
            INSERT_AUDIT_EVENT,
            &[
                &event.actor.to_string(),
                &event.action,
                &company,
                &event.subject,
                &event.before.map(Json),
                &event.after.map(Json),
            ],
        )
        .await
        .map(|_| ())
}
