//! Changes of administrators.

use time::OffsetDateTime;
use tokio_postgres::{Row, Transaction};

use super::accounts::{Invitation, read_admin, record, record_acceptance};
use super::identities::forget;
use super::removal::has_accepted;
use crate::domain::{AdminId, CompanyId, Role};
use crate::store::used_forms::use_form;
use crate::store::{Actor, Admin, Store, StoreError};

const END_ADMIN_SESSIONS: &str = include_str!("../../../sql/queries/end_admin_sessions.sql");
const FIND_INVITER: &str = include_str!("../../../sql/queries/find_inviter.sql");
const LOCK_ADMINS: &str = include_str!("../../../sql/queries/lock_admins.sql");
const LOCK_ADMIN_BY_INVITATION: &str =
    include_str!("../../../sql/queries/lock_admin_by_invitation.sql");
const UPDATE_ADMIN: &str = include_str!("../../../sql/queries/update_admin.sql");

/// What to change of an administrator.
#[derive(Debug, Clone)]
pub enum AdminChange {
    /// Ends all sessions and keeps new ones from beginning.
    Disable {
        /// When.
        now: OffsetDateTime,
        /// Whether it may be the last operator who can sign in.
        even_the_last: bool,
    },
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
    Invite {
        /// The invitation.
        invitation: Invitation,
        /// Whether it may let whoever holds the token into the account of an administrator of a
        /// company who accepted an earlier one.
        even_accepted: bool,
    },
    /// Forgets who they are for an OpenID Connect issuer, and ends all sessions.
    ForgetIdentity(OffsetDateTime),
}

/// What became of a change.
#[derive(Debug, Clone)]
pub enum Changed {
    /// It is made, or stood there before; the administrator as they are now, or were when they were
    /// deleted.
    Made(Admin),
    /// There is no such administrator in reach.
    NotFound,
    /// The password is another by now than the one that was checked.
    OtherPassword,
    /// No operator who can sign in would be left.
    LastOperator,
    /// The administrator did more than being invited.
    InvitationAccepted,
}

/// The rows that a change is judged by. They are held.
pub(in crate::store) struct Judged {
    /// Whom it is about.
    pub(in crate::store) target: Row,
    /// The others: who makes it, and the operators where they were asked for.
    others: Vec<Row>,
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
    ) -> Result<Changed, StoreError> {
        self.transaction("change_admin", async |transaction| {
            // Who is held to a company reaches no operator.
            let may_lose_operator =
                company.is_none() && matches!(change, AdminChange::Disable { .. });
            let judged = lock(transaction, actor, company, id, may_lose_operator).await?;
            match judged {
                Some(judged) => match change.refusal(&judged) {
                    Some(refusal) => Ok(refusal),
                    None => apply(transaction, actor, &judged.target, change).await,
                },
                None => Ok(Changed::NotFound),
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
            let Some(row) = row else { return Ok(None) };
            let before = read_admin(&row);
            let inviter = transaction
                .query_opt(FIND_INVITER, &[&format!("admin:{}", before.admin_id)])
                .await?;
            let after = write(transaction, &row, &change).await?;
            let inviter: Option<&str> = inviter.as_ref().map(|row| row.get("actor"));
            record_acceptance(transaction, actor, &before, &after, inviter).await?;
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
    let mut others = transaction
        .query(LOCK_ADMINS, &[&ids, &may_lose_operator])
        .await?;
    let is_target = |row: &Row| {
        let admin = read_admin(row);
        admin.admin_id == id && (company.is_none() || admin.company_id == company)
    };
    let found = others.iter().position(is_target);
    Ok(found.map(|index| Judged {
        target: others.swap_remove(index),
        others,
    }))
}

impl Judged {
    /// Whether nobody else could administer the service.
    fn is_last_operator(&self) -> bool {
        let is_operator = |row: &Row| {
            let admin = read_admin(row);
            admin.role == Role::Operator && admin.state != "disabled" && row.get("can_sign_in")
        };
        is_operator(&self.target) && !self.others.iter().any(is_operator)
    }
}

impl AdminChange {
    const fn action(&self) -> &'static str {
        match self {
            Self::Disable { .. } => "admin.disable",
            Self::Enable => "admin.enable",
            Self::ResetPassword(..) | Self::ChangePassword { .. } => "admin.set_password",
            Self::Invite { .. } => "admin.invite",
            Self::ForgetIdentity(_) => "admin.forget_identity",
        }
    }

    /// Whether there is nothing left to change.
    fn is_made(&self, admin: &Admin) -> bool {
        match self {
            Self::Disable { .. } => admin.state == "disabled",
            Self::Enable => admin.state != "disabled",
            _ => false,
        }
    }

    /// When all sessions end, if they do.
    const fn ends_sessions_at(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Disable { now, .. }
            | Self::ResetPassword(_, now)
            | Self::ChangePassword { now, .. }
            | Self::ForgetIdentity(now) => Some(*now),
            Self::Enable | Self::Invite { .. } => None,
        }
    }

    /// Why it is not made, if it is not.
    fn refusal(&self, judged: &Judged) -> Option<Changed> {
        let refusal = match self {
            Self::Disable {
                even_the_last: false,
                ..
            } if judged.is_last_operator() => Changed::LastOperator,
            Self::Invite { even_accepted, .. } if has_accepted(&judged.target) => {
                let is_operator = read_admin(&judged.target).role == Role::Operator;
                if *even_accepted && !is_operator {
                    return None;
                }
                Changed::InvitationAccepted
            }
            Self::ChangePassword { known, .. }
                if judged.target.get::<_, Option<&str>>("password_hash") != Some(known) =>
            {
                Changed::OtherPassword
            }
            _ => return None,
        };
        Some(refusal)
    }
}

async fn apply(
    transaction: &Transaction<'_>,
    actor: &Actor,
    row: &Row,
    change: &AdminChange,
) -> Result<Changed, tokio_postgres::Error> {
    let before = read_admin(row);
    if change.is_made(&before) {
        return Ok(Changed::Made(before));
    }
    use_form(transaction, actor, &format!("admin:{}", before.admin_id)).await?;
    let after = write(transaction, row, change).await?;
    let action = change.action();
    record(transaction, actor, action, Some(&before), Some(&after)).await?;
    Ok(Changed::Made(after))
}

async fn write(
    transaction: &Transaction<'_>,
    row: &Row,
    change: &AdminChange,
) -> Result<Admin, tokio_postgres::Error> {
    let id: i64 = row.get("id");
    let mut hash: Option<&str> = row.get("password_hash");
    let mut disabled_at: Option<OffsetDateTime> = row.get("disabled_at");
    let mut invitation = None;
    match change {
        AdminChange::Disable { now, .. } => disabled_at = Some(*now),
        AdminChange::Enable => disabled_at = None,
        AdminChange::ResetPassword(new, _) | AdminChange::ChangePassword { hash: new, .. } => {
            hash = Some(new);
        }
        AdminChange::Invite {
            invitation: new, ..
        } => invitation = Some(new.clone()),
        AdminChange::ForgetIdentity(_) => {
            forget(transaction, AdminId::new(id)).await?;
            invitation = open_invitation(row);
        }
    }
    let row = transaction
        .query_one(
            UPDATE_ADMIN,
            &[
                &id,
                &hash,
                &disabled_at,
                &invitation.as_ref().map(|invitation| &invitation.digest),
                &invitation.as_ref().map(|invitation| invitation.expires_at),
            ],
        )
        .await?;
    if let Some(now) = change.ends_sessions_at() {
        transaction
            .execute(END_ADMIN_SESSIONS, &[&id, &now])
            .await?;
    }
    Ok(read_admin(&row))
}

fn open_invitation(row: &Row) -> Option<Invitation> {
    Some(Invitation {
        digest: row.get::<_, Option<Vec<u8>>>("invitation_digest")?,
        expires_at: row.get::<_, Option<OffsetDateTime>>("invitation_expires_at")?,
    })
}
