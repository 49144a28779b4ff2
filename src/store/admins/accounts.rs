//! Accounts of administrators.

use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio_postgres::{Row, Transaction};

use crate::domain::{
    Actor, Admin, AdminCredential, AdminId, AdminState, AuditAction, AuditSubject, CompanyId,
    Email, Role, SecretHash,
};
use crate::store::audit::{self, AuditEvent};
use crate::store::companies::LOCK_COMPANY;
use crate::store::postgres::error::TxError;
use crate::store::used_forms::use_form;
use crate::store::{Store, StoreError};

const FIND_ADMIN: &str = include_str!("../../../sql/queries/find_admin.sql");
pub(in crate::store) const FIND_ADMIN_BY_EMAIL: &str =
    include_str!("../../../sql/queries/find_admin_by_email.sql");
const DELETE_ADMIN: &str = include_str!("../../../sql/queries/delete_admin.sql");
const LOCK_EXPIRED_INVITATION: &str =
    include_str!("../../../sql/queries/lock_expired_invitation.sql");
const INSERT_ADMIN: &str = include_str!("../../../sql/queries/insert_admin.sql");
const LIST_ADMINS: &str = include_str!("../../../sql/queries/list_admins.sql");

/// Why an administrator was not created.
#[derive(Debug, thiserror::Error)]
pub enum AdminCreationError {
    /// Another administrator has this e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// There is no such company.
    #[error("there is no such company")]
    NoSuchCompany,
    /// The call to the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Creates an administrator of one company, or of all. An e-mail address whose invitation expired
    /// unaccepted is free.
    ///
    /// # Errors
    /// If the e-mail address is taken, or there is no such company.
    pub async fn create_admin(
        &self,
        actor: &Actor,
        email: &Email,
        credential: &AdminCredential,
        role: Role,
        now: OffsetDateTime,
    ) -> Result<Admin, AdminCreationError> {
        let company = role.company();
        let company_id = company.map(CompanyId::get);
        let (hash, invitation) = match credential {
            AdminCredential::Password(hash) => (Some(hash.as_str()), None),
            AdminCredential::Invitation(invitation) => (None, Some(invitation)),
        };
        self.transaction("create_admin", async |transaction| {
            if company_id.is_some()
                && transaction
                    .query_opt(LOCK_COMPANY, &[&company_id])
                    .await?
                    .is_none()
            {
                return Err(TxError::Refused(AdminCreationError::NoSuchCompany));
            }
            free_expired_invitation(transaction, email, now).await?;
            let row = transaction
                .query_opt(
                    INSERT_ADMIN,
                    &[
                        &email.as_str(),
                        &hash,
                        &company_id,
                        &invitation.map(|invitation| invitation.digest.as_bytes()),
                        &invitation.map(|invitation| invitation.expires_at),
                    ],
                )
                .await?;
            let row = row.ok_or(TxError::Refused(AdminCreationError::EmailTaken))?;
            let admin = read_admin(&row);
            let subject = AuditSubject::Admin(admin.admin_id);
            use_form(transaction, actor, subject, now).await?;
            let action = credential.action();
            record(transaction, actor, action, None, Some(&admin)).await?;
            Ok(admin)
        })
        .await
    }

    /// At most `limit` administrators of one company or of all, after the one with the id `after`,
    /// the oldest first.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn list_admins(
        &self,
        company: Option<CompanyId>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Admin>, StoreError> {
        let company = company.map(CompanyId::get);
        let rows = self
            .read("list_admins", LIST_ADMINS, &[&company, &after, &limit])
            .await?;
        Ok(rows.iter().map(read_admin).collect())
    }

    /// One administrator of one company or of any.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn find_admin(
        &self,
        company: Option<CompanyId>,
        id: AdminId,
    ) -> Result<Option<Admin>, StoreError> {
        let company = company.map(CompanyId::get);
        let rows = self
            .read("find_admin", FIND_ADMIN, &[&id.get(), &company])
            .await?;
        Ok(rows.first().map(read_admin))
    }

    /// The administrator with this e-mail address.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn find_admin_by_email(&self, email: &Email) -> Result<Option<Admin>, StoreError> {
        let rows = self
            .read(
                "find_admin_by_email",
                FIND_ADMIN_BY_EMAIL,
                &[&email.as_str()],
            )
            .await?;
        Ok(rows.first().map(read_admin))
    }
}

/// Records a change of an administrator. `after` is `None` if they were deleted.
pub(in crate::store) async fn record(
    transaction: &Transaction<'_>,
    actor: &Actor,
    action: AuditAction,
    before: Option<&Admin>,
    after: Option<&Admin>,
) -> Result<(), tokio_postgres::Error> {
    let Some(about) = after.or(before) else {
        return Ok(());
    };
    let event = AuditEvent {
        actor,
        action,
        company: about.company_id,
        subject: AuditSubject::Admin(about.admin_id),
        before: before.map(recorded),
        after: after.map(recorded),
    };
    audit::record(transaction, event).await
}

/// Records that an invitation was accepted, and who created it: its token gives access to the
/// administrator's account.
pub(in crate::store) async fn record_acceptance(
    transaction: &Transaction<'_>,
    actor: &Actor,
    before: &Admin,
    after: &Admin,
    inviter: Option<&str>,
) -> Result<(), tokio_postgres::Error> {
    let mut accepted = recorded(after);
    accepted["invitedBy"] = json!(inviter);
    let event = AuditEvent {
        actor,
        action: AuditAction::AdminAcceptInvitation,
        company: after.company_id,
        subject: AuditSubject::Admin(after.admin_id),
        before: Some(recorded(before)),
        after: Some(accepted),
    };
    audit::record(transaction, event).await
}

/// Omits the e-mail address: the audit log cannot be erased, but a person can request erasure.
fn recorded(admin: &Admin) -> Value {
    json!({
        "role": admin.role,
        "companyId": admin.company_id,
        "state": admin.state,
    })
}

/// Reads the column `password_hash`.
pub(in crate::store) fn read_password_hash(row: &Row) -> Option<SecretHash> {
    row.get::<_, Option<String>>("password_hash")
        .map(SecretHash::new)
}

pub(in crate::store) fn read_admin(row: &Row) -> Admin {
    let company_id = row.get::<_, Option<i64>>("company_id").map(CompanyId::new);
    let is_disabled = row
        .get::<_, Option<OffsetDateTime>>("disabled_at")
        .is_some();
    let has_password = row.get::<_, Option<&str>>("password_hash").is_some();
    Admin {
        admin_id: AdminId::new(row.get("id")),
        email: row.get("email"),
        role: Role::of(company_id),
        company_id,
        state: AdminState::of(is_disabled, has_password),
        created_at: row.get("created_at"),
        invitation_expires_at: row.get("invitation_expires_at"),
    }
}

/// Deletes the administrator of an expired invitation, which frees the e-mail address. The audit log names
/// the service as actor: the inviting company must not learn who uses the address now.
async fn free_expired_invitation(
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

/// Deletes an administrator, and records it.
pub(super) async fn delete(
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
