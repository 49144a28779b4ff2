//! The record of administrative changes.

use std::fmt;
use std::net::IpAddr;

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Transaction};

use super::{Store, StoreError};
use crate::domain::{AdminId, ClientId, CompanyId, FormId, timestamp};

const INSERT_AUDIT_EVENT: &str = include_str!("../../sql/queries/insert_audit_event.sql");
const REQUIRE_ACTIVE_ADMIN: &str = include_str!("../../sql/queries/require_active_admin.sql");
const LIST_AUDIT_EVENTS: &str = include_str!("../../sql/queries/list_audit_events.sql");

/// Who makes a change that is recorded, and from where.
#[derive(Debug, Clone)]
pub struct Actor {
    name: String,
    admin: Option<AdminId>,
    origin: Option<Origin>,
    /// The console's form that asks for the change, and who sent it.
    form: Option<(AdminId, FormId)>,
}

/// Where a request came from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The client's address.
    pub client_address: IpAddr,
    /// Its `X-Request-Id`, if that is fit for the record; else one that was made for it.
    pub request_id: String,
}

impl Actor {
    /// Somebody with a shell: the system user and the host.
    #[must_use]
    pub fn command_line(user: &str, host: &str) -> Self {
        Self {
            name: format!("cli:{user}@{host}"),
            admin: None,
            form: None,
            origin: None,
        }
    }

    /// The service itself, in the background.
    #[must_use]
    pub fn service() -> Self {
        Self {
            name: "service".to_owned(),
            admin: None,
            form: None,
            origin: None,
        }
    }

    /// An administrator who is signed in.
    #[must_use]
    pub fn admin(id: AdminId, origin: Origin) -> Self {
        Self {
            name: format!("admin:{id}"),
            admin: Some(id),
            origin: Some(origin),
            form: None,
        }
    }

    /// The same actor, whose next change uses up a form.
    #[must_use]
    pub fn sending(mut self, admin: AdminId, form: FormId) -> Self {
        self.form = Some((admin, form));
        self
    }

    /// The form that their change uses up, and who sent it.
    pub(super) const fn form(&self) -> Option<(AdminId, FormId)> {
        self.form
    }

    /// A company's software, by one of its API keys.
    #[must_use]
    pub fn key(client: &ClientId, origin: Origin) -> Self {
        Self {
            name: format!("key:{client}"),
            admin: None,
            form: None,
            origin: Some(origin),
        }
    }

    /// The administrator who is signed in, if it is one.
    pub(super) const fn admin_id(&self) -> Option<AdminId> {
        self.admin
    }

    /// The column `client_address`.
    pub(super) fn client_address(&self) -> Option<String> {
        let origin = self.origin.as_ref();
        origin.map(|origin| origin.client_address.to_string())
    }

    /// The column `request_id`.
    pub(super) fn request_id(&self) -> Option<&str> {
        let origin = self.origin.as_ref();
        origin.map(|origin| origin.request_id.as_str())
    }

    /// Somebody who is not signed in.
    #[must_use]
    pub fn anonymous(origin: Origin) -> Self {
        Self {
            name: "anonymous".to_owned(),
            admin: None,
            origin: Some(origin),
            form: None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
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

/// An event as the statement takes it.
struct Columns<'a> {
    event: &'a AuditEvent<'a>,
    company: Option<i64>,
    client_address: Option<String>,
    request_id: Option<&'a str>,
}

impl AuditEvent<'_> {
    fn columns(&self) -> Columns<'_> {
        Columns {
            event: self,
            company: self.company.map(CompanyId::get),
            client_address: self.actor.client_address(),
            request_id: self.actor.request_id(),
        }
    }
}

impl Columns<'_> {
    fn parameters(&self) -> [&(dyn ToSql + Sync); 8] {
        [
            &self.event.actor.name,
            &self.event.action,
            &self.company,
            &self.event.subject,
            &self.event.before,
            &self.event.after,
            &self.client_address,
            &self.request_id,
        ]
    }
}

/// Records a change in the transaction that makes it: neither stands without the other. Fails if the
/// change is an administrator's who was disabled meanwhile, and keeps them active until the commit.
pub(super) async fn record(
    transaction: &Transaction<'_>,
    event: AuditEvent<'_>,
) -> Result<(), tokio_postgres::Error> {
    if let Some(admin) = event.actor.admin {
        transaction
            .execute(REQUIRE_ACTIVE_ADMIN, &[&admin.get()])
            .await?;
    }
    append(transaction, event).await
}

/// Records what changes only the sessions of whoever acts. It holds no administrator: whoever disables one
/// holds them before their sessions, and here it would be the other way round.
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
    /// Records what changes nothing.
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

/// One recorded change.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedEvent {
    /// Its place in the record.
    #[serde(skip)]
    pub id: i64,
    /// When it was made.
    #[serde(serialize_with = "timestamp::serialize")]
    pub occurred_at: OffsetDateTime,
    /// Who made it: `admin:<id>`, `cli:<user>@<host>`, `key:<client id>`, `anonymous` or `service`.
    pub actor: String,
    /// What was done, such as `key.revoke`.
    pub action: String,
    /// The company it is about; none: about all of the service.
    pub company_id: Option<CompanyId>,
    /// What it was done to: `company:<id>`, `key:<client id>`, `admin:<id>`, `contact:<id>`,
    /// `custom_field:<key>` or `audit`, the record itself.
    pub subject: String,
    /// What stood there before.
    pub before: Option<Value>,
    /// What stands there now.
    pub after: Option<Value>,
    /// Where the request came from.
    pub client_address: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
}

/// Which events a list shows; `None` leaves out no event.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Those of one actor.
    pub actor: Option<String>,
    /// Those of one kind.
    pub action: Option<String>,
    /// Those about one subject.
    pub subject: Option<String>,
    /// Those of this moment and later.
    pub from: Option<OffsetDateTime>,
    /// Those before this moment.
    pub to: Option<OffsetDateTime>,
}

impl Store {
    /// At most `limit` events of one company or of all, the newest first, before the event `before`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn list_audit_events(
        &self,
        company: Option<CompanyId>,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let rows = self
            .read(
                "list_audit_events",
                LIST_AUDIT_EVENTS,
                &[
                    &company.map(CompanyId::get),
                    &filter.actor,
                    &filter.action,
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
        action: row.get("action"),
        company_id: row.get::<_, Option<i64>>("company_id").map(CompanyId::new),
        subject: row.get("subject"),
        before: json("before"),
        after: json("after"),
        client_address: row.get("client_address"),
        request_id: row.get("request_id"),
    }
}
