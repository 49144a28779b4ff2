//! Deletes administrators who never accepted their invitation. All others stay, because the audit log
//! refers to them.

use time::OffsetDateTime;
use tokio_postgres::Transaction;

use super::accounts::{read_admin, record};
use super::changes::{AdminChangeError, Judged, lock};
use crate::domain::{Actor, Admin, AdminId, AdminRefusal, AuditAction, Email};
use crate::store::Store;
use crate::store::postgres::error::TxError;

const DELETE_ADMIN: &str = include_str!("../../../sql/queries/delete_admin.sql");
const LOCK_EXPIRED_INVITATION: &str =
    include_str!("../../../sql/queries/lock_expired_invitation.sql");

impl Store {
    /// Deletes an administrator who never accepted the invitation, together with the invitation.
    ///
    /// # Errors
    /// If there is none, or they accepted it.
    pub async fn delete_admin(
        &self,
        actor: &Actor,
        id: AdminId,
    ) -> Result<Admin, AdminChangeError> {
        self.transaction("delete_admin", async |transaction| {
            let judged = lock(transaction, actor, None, id, false).await?;
            let Judged { target, .. } =
                judged.ok_or(TxError::Refused(AdminChangeError::NotFound))?;
            if target.has_accepted() {
                return Err(TxError::refused(AdminRefusal::InvitationAccepted));
            }
            let admin = target.account.admin;
            delete(transaction, actor, &admin).await?;
            Ok(admin)
        })
        .await
    }
}

/// Deletes the administrator of an expired invitation, which frees the e-mail address. The audit log names
/// the service as actor: the inviting company must not learn who uses the address now.
pub(in crate::store) async fn free_expired_invitation(
    transaction: &Transaction<'_>,
    email: &Email,
    now: OffsetDateTime,
) -> Result<(), tokio_postgres::Error> {
    let expired = transaction
        .query_opt(LOCK_EXPIRED_INVITATION, &[&email.as_str(), &now])
        .await?;
    match expired {
        Some(row) => delete(transaction, &Actor::service(), &read_admin(&row)).await,
        None => Ok(()),
    }
}

async fn delete(
    transaction: &Transaction<'_>,
    actor: &Actor,
    admin: &Admin,
) -> Result<(), tokio_postgres::Error> {
    transaction
        .execute(DELETE_ADMIN, &[&admin.admin_id.get()])
        .await?;
    record(
        transaction,
        actor,
        AuditAction::AdminDelete,
        Some(admin),
        None,
    )
    .await
}
