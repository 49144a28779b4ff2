//! Changing administrators.

use time::OffsetDateTime;
use tokio_postgres::{Row, Transaction};

use super::accounts::{read_admin, read_password_hash, record, record_acceptance};
use super::identities::forget;
use crate::domain::{
    Actor, Admin, AdminAccount, AdminChange, AdminId, AdminRefusal, AdminStanding, AuditSubject,
    CompanyId, Invitation, SecretHash, TokenDigest,
};
use crate::store::postgres::error::TxError;
use crate::store::used_forms::use_form;
use crate::store::{Store, StoreError};

const END_ADMIN_SESSIONS: &str = include_str!("../../../sql/queries/end_admin_sessions.sql");
const FIND_INVITER: &str = include_str!("../../../sql/queries/find_inviter.sql");
const LOCK_ADMINS: &str = include_str!("../../../sql/queries/lock_admins.sql");
const LOCK_ADMIN_BY_INVITATION: &str =
    include_str!("../../../sql/queries/lock_admin_by_invitation.sql");
const UPDATE_ADMIN: &str = include_str!("../../../sql/queries/update_admin.sql");

/// Why an administrator was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AdminChangeError {
    /// There is no such administrator, or they are out of reach.
    #[error("there is no such administrator")]
    NotFound,
    /// The change is not allowed.
    #[error(transparent)]
    Refused(#[from] AdminRefusal),
    /// The call to the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The locked rows that decide whether a change is allowed.
pub(in crate::store) struct Judged {
    /// The administrator to change.
    pub(in crate::store) target: AdminStanding,
    /// The actor, and the operators if they were requested.
    others: Vec<AdminStanding>,
}

impl Store {
    /// Changes an administrator of one company or of any. Does nothing if the change has no effect.
    ///
    /// # Errors
    /// If there is none, or the change is not allowed.
    pub async fn change_admin(
        &self,
        actor: &Actor,
        company: Option<CompanyId>,
        id: AdminId,
        change: &AdminChange,
        now: OffsetDateTime,
    ) -> Result<Admin, AdminChangeError> {
        self.transaction("change_admin", async |transaction| {
            // A company administrator reaches no operator.
            let may_lose_operator =
                company.is_none() && matches!(change, AdminChange::Disable { .. });
            let judged = lock(transaction, actor, company, id, may_lose_operator).await?;
            let Judged { target, others } =
                judged.ok_or(TxError::Refused(AdminChangeError::NotFound))?;
            change.check(&target, &others).map_err(TxError::refused)?;
            let before = target.account;
            if change.is_made(&before.admin) {
                return Ok(before.admin);
            }
            let subject = AuditSubject::Admin(id);
            use_form(transaction, actor, subject, now).await?;
            let after = write(transaction, &before, change, now).await?;
            let action = change.action();
            record(
                transaction,
                actor,
                action,
                Some(&before.admin),
                Some(&after),
            )
            .await?;
            Ok(after)
        })
        .await
    }

    /// Sets the password of the administrator with this open invitation. `None` if there is none.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn accept_invitation(
        &self,
        actor: &Actor,
        digest: TokenDigest,
        password_hash: SecretHash,
        now: OffsetDateTime,
    ) -> Result<Option<Admin>, StoreError> {
        let change = AdminChange::ResetPassword(password_hash);
        self.transaction("accept_invitation", async |transaction| {
            let row = transaction
                .query_opt(LOCK_ADMIN_BY_INVITATION, &[&digest.as_bytes(), &now])
                .await?;
            let Some(row) = row else { return Ok(None) };
            let before = read_account(&row);
            let subject = AuditSubject::Admin(before.admin.admin_id).to_string();
            let inviter = transaction.query_opt(FIND_INVITER, &[&subject]).await?;
            let after = write(transaction, &before, &change, now).await?;
            let inviter: Option<&str> = inviter.as_ref().map(|row| row.get("actor"));
            record_acceptance(transaction, actor, &before.admin, &after, inviter).await?;
            Ok(Some(after))
        })
        .await
    }
}

/// Locks the administrator to change, if they are in reach, and the actor.
pub(in crate::store) async fn lock(
    transaction: &Transaction<'_>,
    actor: &Actor,
    company: Option<CompanyId>,
    id: AdminId,
    may_lose_operator: bool,
) -> Result<Option<Judged>, tokio_postgres::Error> {
    let ids: Vec<i64> = actor
        .admin_id()
        .into_iter()
        .chain([id])
        .map(AdminId::get)
        .collect();
    let rows = transaction
        .query(LOCK_ADMINS, &[&ids, &may_lose_operator])
        .await?;
    let mut others: Vec<AdminStanding> = rows.iter().map(read_standing).collect();
    let found = others.iter().position(|standing| {
        let admin = &standing.account.admin;
        admin.admin_id == id && (company.is_none() || admin.company_id == company)
    });
    Ok(found.map(|index| Judged {
        target: others.swap_remove(index),
        others,
    }))
}

async fn write(
    transaction: &Transaction<'_>,
    before: &AdminAccount,
    change: &AdminChange,
    now: OffsetDateTime,
) -> Result<Admin, tokio_postgres::Error> {
    let after = before.clone().with(change, now);
    let id = after.admin.admin_id;
    if matches!(change, AdminChange::ForgetIdentity) {
        forget(transaction, id).await?;
    }
    let invitation = after.invitation.as_ref();
    transaction
        .execute(
            UPDATE_ADMIN,
            &[
                &id.get(),
                &after.password_hash.as_ref().map(SecretHash::as_str),
                &after.disabled_at,
                &invitation.map(|invitation| invitation.digest.as_bytes()),
                &invitation.map(|invitation| invitation.expires_at),
            ],
        )
        .await?;
    if change.ends_sessions() {
        transaction
            .execute(END_ADMIN_SESSIONS, &[&id.get(), &now])
            .await?;
    }
    Ok(after.admin)
}

fn read_standing(row: &Row) -> AdminStanding {
    AdminStanding {
        account: read_account(row),
        can_sign_in: row.get("can_sign_in"),
        has_acted: row.get("has_acted"),
    }
}

fn read_account(row: &Row) -> AdminAccount {
    AdminAccount {
        admin: read_admin(row),
        password_hash: read_password_hash(row),
        disabled_at: row.get("disabled_at"),
        invitation: read_invitation(row),
    }
}

fn read_invitation(row: &Row) -> Option<Invitation> {
    Some(Invitation {
        digest: TokenDigest::stored(row.get::<_, Option<&[u8]>>("invitation_digest")?)?,
        expires_at: row.get::<_, Option<OffsetDateTime>>("invitation_expires_at")?,
    })
}
