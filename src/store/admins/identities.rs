//! Identities of administrators at an OpenID Connect issuer.

use serde_json::json;
use time::OffsetDateTime;
use tokio_postgres::Transaction;

use crate::domain::{Actor, AdminId, AuditAction, AuditSubject, Role, SecretHash};
use crate::store::audit::{self, AuditEvent};

const BIND_ADMIN_IDENTITY: &str = include_str!("../../../sql/queries/bind_admin_identity.sql");
const DELETE_ADMIN_IDENTITY: &str = include_str!("../../../sql/queries/delete_admin_identity.sql");
const FIND_ADMIN_IDENTITY: &str = include_str!("../../../sql/queries/find_admin_identity.sql");

/// The stored credentials that a sign-in is checked against.
#[derive(Debug, Clone)]
pub struct AdminCredentials {
    /// The administrator.
    pub id: AdminId,
    /// What they may reach.
    pub role: Role,
    /// The hash of the password. `None` before an invitation is accepted.
    pub password_hash: Option<SecretHash>,
    /// Whether they may sign in.
    pub is_active: bool,
}

/// Whether this is the identity of a locked administrator. Their first identity is bound to them, which is
/// recorded.
pub(in crate::store) async fn is_theirs(
    transaction: &Transaction<'_>,
    actor: &Actor,
    admin: &AdminCredentials,
    (issuer, subject): (&str, &str),
    now: OffsetDateTime,
) -> Result<bool, tokio_postgres::Error> {
    let bound = transaction
        .execute(
            BIND_ADMIN_IDENTITY,
            &[&admin.id.get(), &issuer, &subject, &now],
        )
        .await?;
    if bound > 0 {
        let event = AuditEvent {
            actor,
            action: AuditAction::AdminBindIdentity,
            company: admin.role.company(),
            subject: AuditSubject::Admin(admin.id),
            before: None,
            // Omits the subject: for some issuers it is the e-mail address.
            after: Some(json!({"issuer": issuer})),
        };
        audit::record(transaction, event).await?;
        return Ok(true);
    }
    let row = transaction
        .query_opt(FIND_ADMIN_IDENTITY, &[&admin.id.get(), &issuer])
        .await?;
    Ok(row.is_some_and(|row| row.get::<_, &str>("subject") == subject))
}

/// Unbinds the identity of an administrator. The next one with their e-mail address is bound instead.
pub(in crate::store) async fn forget(
    transaction: &Transaction<'_>,
    admin: AdminId,
) -> Result<(), tokio_postgres::Error> {
    transaction
        .execute(DELETE_ADMIN_IDENTITY, &[&admin.get()])
        .await
        .map(|_| ())
}
