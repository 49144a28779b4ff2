//! Changes of administrators.

use time::OffsetDateTime;
use tokio_postgres::{Row, Transaction};

use super::accounts::{read_admin, record, record_acceptance};
use super::identities::forget;
use crate::domain::{
    Actor, Admin, AdminAccount, AdminChange, AdminId, AdminRefusal, AdminStanding, AuditSubject,
    CompanyId, Invitation,
};
use crate::store::used_forms::use_form;
use crate::store::{Store, StoreError};

const END_ADMIN_SESSIONS: &str = include_str!("../../../sql/queries/end_admin_sessions.sql");
const FIND_INVITER: &str = include_str!("../../../sql/queries/find_inviter.sql");
const LOCK_ADMINS: &str = include_str!("../../../sql/queries/lock_admins.sql");
const LOCK_ADMIN_BY_INVITATION: &str =
    include_str!("../../../sql/queries/lock_admin_by_invitation.sql");
const UPDATE_ADMIN: &str = include_str!("../../../sql/queries/update_admin.sql");

/// What became of a change.
#[derive(Debug, Clone)]
pub enum Changed {
    /// It is made, or stood there before; the administrator as they are now, or were when they were
    /// deleted.
    Made(Admin),
    /// There is no such administrator in reach.
    NotFound,
    /// It is not made.
    Refused(AdminRefusal),
}

/// What a change is judged by. Its rows are held.
pub(in crate::store) struct Judged {
    /// Whom it is about.
    pub(in crate::store) target: AdminStanding,
    /// The others: who makes it, and the operators where they were asked for.
    others: Vec<AdminStanding>,
}

impl Store {
    /// Changes an administrator of one company or of any.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn change_admin(
        &self,
        actor: &Actor,
        company: Option<CompanyId>,
        id: AdminId,
        change: &AdminChange,
        now: OffsetDateTime,
    ) -> Result<Changed, StoreError> {
        self.transaction("change_admin", async |transaction| {
            // Who is held to a company reaches no operator.
            let may_lose_operator =
                company.is_none() && matches!(change, AdminChange::Disable { .. });
            let judged = lock(transaction, actor, company, id, may_lose_operator).await?;
            let Some(Judged { target, others }) = judged else {
                return Ok(Changed::NotFound);
            };
            if let Some(refusal) = change.refusal(&target, &others) {
                return Ok(Changed::Refused(refusal));
            }
            let before = target.account;
            if change.is_made(&before.admin) {
                return Ok(Changed::Made(before.admin));
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
            Ok(Changed::Made(after))
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
        let change = AdminChange::ResetPassword(password_hash.to_owned());
        self.transaction("accept_invitation", async |transaction| {
            let row = transaction
                .query_opt(LOCK_ADMIN_BY_INVITATION, &[&digest, &now])
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

/// Holds whom a change is about, if they are in reach, and who makes it.
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
                &after.password_hash,
                &after.disabled_at,
                &invitation.map(|invitation| &invitation.digest),
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
        password_hash: row.get("password_hash"),
        disabled_at: row.get("disabled_at"),
        invitation: read_invitation(row),
    }
}

fn read_invitation(row: &Row) -> Option<Invitation> {
    Some(Invitation {
        digest: row.get::<_, Option<Vec<u8>>>("invitation_digest")?,
        expires_at: row.get::<_, Option<OffsetDateTime>>("invitation_expires_at")?,
    })
}
