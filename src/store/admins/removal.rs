//! Administrators who never accepted their invitation are the only ones that are deleted: of all others
//! the record has to name somebody.

use super::accounts::delete;
use super::changes::{Changed, Judged, lock};
use crate::domain::{Actor, AdminId, AdminRefusal};
use crate::store::{Store, StoreError};

impl Store {
    /// Deletes an administrator who never accepted the invitation, and with them the invitation.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn delete_admin(&self, actor: &Actor, id: AdminId) -> Result<Changed, StoreError> {
        self.transaction("delete_admin", async |transaction| {
            let Some(Judged { target, .. }) = lock(transaction, actor, None, id, false).await?
            else {
                return Ok(Changed::NotFound);
            };
            if target.has_accepted() {
                return Ok(Changed::Refused(AdminRefusal::InvitationAccepted));
            }
            let admin = target.account.admin;
            delete(transaction, actor, &admin).await?;
            Ok(Changed::Made(admin))
        })
        .await
    }
}
