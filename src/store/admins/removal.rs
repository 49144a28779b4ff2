//! Deletes administrators who never accepted their invitation. All others stay, because the audit log
//! refers to them.

use super::accounts::delete;
use super::changes::{AdminChangeError, Judged, lock};
use crate::domain::{Actor, Admin, AdminId, AdminRefusal};
use crate::store::Store;
use crate::store::postgres::error::TxError;

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
