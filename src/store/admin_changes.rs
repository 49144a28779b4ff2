//! Changes of administrators.

use time::OffsetDateTime;
use tokio_postgres::{Row, Transaction};

use super::admin_identities::forget;
use super::admins::{Invitation, read_admin, record};
use super::used_forms::use_form;
use super::{Actor, Admin, Store, StoreError};
use crate::domain::{AdminId, CompanyId};

const END_ADMIN_SESSIONS: &str = include_str!("../../sql/queries/end_admin_sessions.sql");
pub(super) const LOCK_ADMIN: &str = include_str!("../../sql/queries/lock_admin.sql");
const LOCK_ADMIN_BY_INVITATION: &str =
    include_str!("../../sql/queries/lock_admin_by_invitation.sql");
const UPDATE_ADMIN: &str = include_str!("../../sql/queries/update_admin.sql");

/// What to change of an administrator.
#[derive(Debug, Clone)]
pub enum AdminChange {
    /// Ends all sessions and keeps new ones from beginning.
    Disable(OffsetDateTime),
    /// Lets them sign in again.
    Enable,
    /// Sets this hash of a password, closes an open invitation, and ends all sessions.
    ResetPassword(String, OffsetDateTime),
    /// As above, unless the password is another by now than the one with the first hash.
    ChangePassword {
        /// The hash of the password that was checked.
        known: String,
        /// The new one.
        hash: String,
        /// When.
        now: OffsetDateTime,
    },
    /// Opens an invitation in place of an older one.
    Invite(Invitation),
    /// Forgets who they are for an OpenID Connect issuer, and ends all sessions.
    ForgetIdentity(OffsetDateTime),
}

impl Store {
    /// Changes an administrator of one company or of any; `None` if there is none with this id, or
    /// the password is another by now.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn change_admin(
        &self,
        actor: &Actor,
        company: Option<CompanyId>,
        id: AdminId,
        change: &AdminChange,
    ) -> Result<Option<Admin>, StoreError> {
        let company = company.map(CompanyId::get);
        self.transaction("change_admin", async |transaction| {
            let row = transaction
                .query_opt(LOCK_ADMIN, &[&id.get(), &company])
                .await?;
            match row {
                Some(row) => apply(transaction, actor, &row, change, change.action()).await,
                None => Ok(None),
            }
        })
        .await
    }

    /// Sets the password of whoever an open invitation with this digest is for; `None` if there is
    /// none.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn accept_invitation(
        &self,
        actor: &Actor,
        digest: &[u8],
        password_hash: &str,
        now: OffsetDateTime,
    ) -> Result<Option<Admin>, StoreError> {
        let change = AdminChange::ResetPassword(password_hash.to_owned(), now);
        self.transaction("accept_invitation", async |transaction| {
            let row = transaction
                .query_opt(LOCK_ADMIN_BY_INVITATION, &[&digest, &now])
                .await?;
            match row {
                Some(row) => {
                    apply(transaction, actor, &row, &change, "admin.accept_invitation").await
                }
                None => Ok(None),
            }
        })
        .await
    }
}

impl AdminChange {
    const fn action(&self) -> &'static str {
        match self {
            Self::Disable(_) => "admin.disable",
            Self::Enable => "admin.enable",
            Self::ResetPassword(..) | Self::ChangePassword { .. } => "admin.set_password",
            Self::Invite(_) => "admin.invite",
            Self::ForgetIdentity(_) => "admin.forget_identity",
        }
    }

    /// Whether there is nothing left to change.
    fn is_made(&self, admin: &Admin) -> bool {
        match self {
            Self::Disable(_) => admin.state == "disabled",
            Self::Enable => admin.state != "disabled",
            _ => false,
        }
    }

    /// When all sessions end, if they do.
    const fn ends_sessions_at(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Disable(now)
            | Self::ResetPassword(_, now)
            | Self::ChangePassword { now, .. }
            | Self::ForgetIdentity(now) => Some(*now),
            Self::Enable | Self::Invite(_) => None,
        }
    }
}

async fn apply(
    transaction: &Transaction<'_>,
    actor: &Actor,
    row: &Row,
    change: &AdminChange,
    action: &'static str,
) -> Result<Option<Admin>, tokio_postgres::Error> {
    let before = read_admin(row);
    if change.is_made(&before) {
        return Ok(Some(before));
    }
    use_form(transaction, actor, &format!("admin:{}", before.admin_id)).await?;
    let mut hash: Option<&str> = row.get("password_hash");
    let mut disabled_at: Option<OffsetDateTime> = row.get("disabled_at");
    let mut invitation = None;
    match change {
        AdminChange::Disable(now) => disabled_at = Some(*now),
        AdminChange::Enable => disabled_at = None,
        AdminChange::ChangePassword { known, .. } if hash != Some(known) => return Ok(None),
        AdminChange::ResetPassword(new, _) | AdminChange::ChangePassword { hash: new, .. } => {
            hash = Some(new);
        }
        AdminChange::Invite(new) => invitation = Some(new.clone()),
        AdminChange::ForgetIdentity(_) => {
            forget(transaction, before.admin_id).await?;
            invitation = open_invitation(row);
        }
    }
    let row = transaction
        .query_one(
            UPDATE_ADMIN,
            &[
                &before.admin_id.get(),
                &hash,
                &disabled_at,
                &invitation.as_ref().map(|invitation| &invitation.digest),
                &invitation.as_ref().map(|invitation| invitation.expires_at),
            ],
        )
        .await?;
    if let Some(now) = change.ends_sessions_at() {
        transaction
            .execute(END_ADMIN_SESSIONS, &[&before.admin_id.get(), &now])
            .await?;
    }
    let after = read_admin(&row);
    record(transaction, actor, action, Some(&before), &after).await?;
    Ok(Some(after))
}

fn open_invitation(row: &Row) -> Option<Invitation> {
    Some(Invitation {
        digest: row.get::<_, Option<Vec<u8>>>("invitation_digest")?,
        expires_at: row.get::<_, Option<OffsetDateTime>>("invitation_expires_at")?,
    })
}
