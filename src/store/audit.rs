//! The audit log.

use serde_json::Value;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Transaction};

use super::{Store, StoreError};
use crate::domain::{
    Actor, AuditAction, AuditFilter, AuditSubject, CompanyId, RecordedAction, RecordedEvent,
};

const INSERT_AUDIT_EVENT: &str = include_str!("../../sql/queries/insert_audit_event.sql");
const REQUIRE_ACTIVE_ADMIN: &str = include_str!("../../sql/queries/require_active_admin.sql");
const LIST_AUDIT_EVENTS: &str = include_str!("../../sql/queries/list_audit_events.sql");

/// One change, with no secret in it.
pub(super) struct AuditEvent<'a> {
    pub(super) actor: &'a Actor,
    pub(super) action: AuditAction,
    pub(super) company: Option<CompanyId>,
    pub(super) subject: AuditSubject<'a>,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

/// The parameters of the statement that inserts an event.
struct Columns<'a> {
    event: &'a AuditEvent<'a>,
    actor: &'a str,
    action: &'static str,
    company: Option<i64>,
    subject: String,
    client_address: Option<String>,
    request_id: Option<&'a str>,
}

impl AuditEvent<'_> {
    fn columns(&self) -> Columns<'_> {
        Columns {
            event: self,
            actor: self.actor.name(),
            action: self.action.as_str(),
            company: self.company.map(CompanyId::get),
            subject: self.subject.to_string(),
            client_address: client_address(self.actor),
            request_id: request_id(self.actor),
        }
    }
}

/// The column `client_address`.
pub(super) fn client_address(actor: &Actor) -> Option<String> {
    let origin = actor.origin();
    origin.map(|origin| origin.client_address.to_string())
}

/// The column `request_id`.
pub(super) fn request_id(actor: &Actor) -> Option<&str> {
    let origin = actor.origin();
    origin.map(|origin| origin.request_id.as_str())
}

impl Columns<'_> {
    fn parameters(&self) -> [&(dyn ToSql + Sync); 8] {
        [
            &self.actor,
            &self.action,
            &self.company,
            &self.subject,
            &self.event.before,
            &self.event.after,
            &self.client_address,
            &self.request_id,
        ]
    }
}

/// Records a change in the transaction that makes it. Fails if the actor was disabled in the meantime, and
/// prevents that until the commit.
pub(super) async fn record(
    transaction: &Transaction<'_>,
    event: AuditEvent<'_>,
) -> Result<(), tokio_postgres::Error> {
    if let Some(admin) = event.actor.admin_id() {
        transaction
            .execute(REQUIRE_ACTIVE_ADMIN, &[&admin.get()])
            .await?;
    }
    append(transaction, event).await
}

/// Records a change of the actor's own sessions only. Does not lock the administrator: disabling one locks
/// them before their sessions, and the opposite order could deadlock.
pub(super) async fn append(
    transaction: &Transaction<'_>,
    event: AuditEvent<'_>,
) -> Result<(), tokio_postgres::Error> {
    let columns = event.columns();
    transaction
        .execute(INSERT_AUDIT_EVENT, &columns.parameters())
        .await
        .map(|_| ())
}

impl Store {
    /// Records an event that is no change.
    pub(super) async fn record_alone(
        &self,
        name: &'static str,
        event: AuditEvent<'_>,
    ) -> Result<(), StoreError> {
        let columns = event.columns();
        self.write(name, INSERT_AUDIT_EVENT, &columns.parameters())
            .await
            .map(|_| ())
    }
}

impl Store {
    /// Up to `limit` events of one company or of all with ids below `before`, the newest first.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn list_audit_events(
        &self,
        company: Option<CompanyId>,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let action = filter.action.as_ref().map(RecordedAction::as_str);
        let rows = self
            .read(
                "list_audit_events",
                LIST_AUDIT_EVENTS,
                &[
                    &company.map(CompanyId::get),
                    &filter.actor,
                    &action,
                    &filter.subject,
                    &filter.from,
                    &filter.to,
                    &before,
                    &limit,
                ],
            )
            .await?;
        Ok(rows.iter().map(read_event).collect())
    }
}

fn read_event(row: &Row) -> RecordedEvent {
    let json = |column| row.get::<_, Option<Value>>(column);
    RecordedEvent {
        id: row.get("id"),
        occurred_at: row.get("occurred_at"),
        actor: row.get("actor"),
        action: RecordedAction::from(row.get::<_, String>("action")),
        company_id: row.get::<_, Option<i64>>("company_id").map(CompanyId::new),
        subject: row.get("subject"),
        before: json("before"),
        after: json("after"),
        client_address: row.get("client_address"),
        request_id: row.get("request_id"),
    }
}
