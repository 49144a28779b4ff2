//! Sign-ins of administrators.

use serde_json::json;
use time::OffsetDateTime;
use tokio_postgres::Transaction;

use super::admins::{FIND_ADMIN_BY_EMAIL, LOCK_ADMIN, read_admin};
use super::audit::{self, AuditEvent};
use super::{Actor, Origin, Store, StoreError};
use crate::domain::{AdminId, CompanyId, Email, Role};

const END_ADMIN_SESSION: &str = include_str!("../../sql/queries/end_admin_session.sql");
const FIND_ADMIN_SESSION: &str = include_str!("../../sql/queries/find_admin_session.sql");
const FIND_REFRESH_TOKEN: &str = include_str!("../../sql/queries/find_refresh_token.sql");
const FORGET_ADMIN_SESSIONS: &str = include_str!("../../sql/queries/forget_admin_sessions.sql");
const INSERT_ADMIN_SESSION: &str = include_str!("../../sql/queries/insert_admin_session.sql");
const INSERT_REFRESH_TOKEN: &str = include_str!("../../sql/queries/insert_refresh_token.sql");
const REHASH_PASSWORD: &str = include_str!("../../sql/queries/rehash_password.sql");
const USE_REFRESH_TOKEN: &str = include_str!("../../sql/queries/use_refresh_token.sql");

/// What a sign-in is judged by.
#[derive(Debug, Clone)]
pub struct AdminCredentials {
    /// Whose they are.
    pub id: AdminId,
    /// What they may reach.
    pub role: Role,
    /// The argon2id hash (PHC string) of the password; none before an invitation is accepted.
    pub password_hash: Option<String>,
    /// Whether they may sign in.
    pub is_active: bool,
}

/// A sign-in that lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdminSession {
    /// Its id.
    pub id: i64,
    /// Whose it is.
    pub admin: AdminId,
    /// When it ends by itself.
    pub expires_at: OffsetDateTime,
}

/// Who calls, as the database knows them now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The id.
    pub admin: AdminId,
    /// The e-mail address.
    pub email: String,
    /// What they may reach.
    pub role: Role,
    /// Whether their one company is suspended.
    pub is_suspended: bool,
}

/// What became of a refresh token that was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// It was used up, and the new one is stored.
    Rotated(AdminSession),
    /// It had been used before: its session is ended.
    Reused,
    /// It is unknown, or its session has ended.
    Refused,
}

impl Store {
    /// Finds what a sign-in with this e-mail address is judged by.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find_admin_credentials(
        &self,
        email: &Email,
    ) -> Result<Option<AdminCredentials>, StoreError> {
        let rows = self
            .read(
                "find_admin_credentials",
                FIND_ADMIN_BY_EMAIL,
                &[&email.as_str()],
            )
            .await?;
        Ok(rows.first().map(|row| {
            let admin = read_admin(row);
            AdminCredentials {
                id: admin.admin_id,
                role: admin.role,
                password_hash: row.get("password_hash"),
                is_active: admin.state == "active",
            }
        }))
    }

    /// Begins a session, unless the password was changed or the administrator disabled since they
    /// were judged.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn begin_admin_session(
        &self,
        origin: &Origin,
        judged: &AdminCredentials,
        refresh_digest: &[u8],
        now: OffsetDateTime,
        expires_at: OffsetDateTime,
    ) -> Result<Option<AdminSession>, StoreError> {
        let actor = Actor::admin(judged.id, origin.clone());
        self.transaction("begin_admin_session", async |transaction| {
            let row = transaction
                .query_opt(LOCK_ADMIN, &[&judged.id.get(), &None::<i64>])
                .await?;
            let is_as_judged = row.is_some_and(|row| {
                read_admin(&row).state == "active"
                    && row.get::<_, Option<String>>("password_hash") == judged.password_hash
            });
            if !is_as_judged {
                return Ok(None);
            }
            transaction.execute(FORGET_ADMIN_SESSIONS, &[&now]).await?;
            let row = transaction
                .query_one(INSERT_ADMIN_SESSION, &[&judged.id.get(), &now, &expires_at])
                .await?;
            let id: i64 = row.get("id");
            transaction
                .execute(INSERT_REFRESH_TOKEN, &[&refresh_digest, &id, &now])
                .await?;
            let event = SessionEvent {
                admin: judged.id,
                company: judged.role.company(),
                session: id,
            };
            event.record(transaction, &actor, "admin.sign_in").await?;
            Ok(Some(AdminSession {
                id,
                admin: judged.id,
                expires_at,
            }))
        })
        .await
    }

    /// Uses a refresh token up, and stores the one that follows. One that comes a second time was
    /// stolen from somebody: its session ends.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn refresh_admin_session(
        &self,
        origin: &Origin,
        digest: &[u8],
        next_digest: &[u8],
        now: OffsetDateTime,
    ) -> Result<Refreshed, StoreError> {
        self.transaction("refresh_admin_session", async |transaction| {
            let Some(row) = transaction
                .query_opt(FIND_REFRESH_TOKEN, &[&digest])
                .await?
            else {
                return Ok(Refreshed::Refused);
            };
            let session = AdminSession {
                id: row.get("session_id"),
                admin: AdminId::new(row.get("admin_id")),
                expires_at: row.get("expires_at"),
            };
            let is_live = row.get::<_, Option<OffsetDateTime>>("ended_at").is_none()
                && row
                    .get::<_, Option<OffsetDateTime>>("disabled_at")
                    .is_none()
                && session.expires_at > now;
            if !is_live {
                return Ok(Refreshed::Refused);
            }
            let used = transaction
                .query_opt(USE_REFRESH_TOKEN, &[&digest, &now])
                .await?;
            if used.is_none() {
                transaction
                    .execute(END_ADMIN_SESSION, &[&session.id, &now])
                    .await?;
                let event = SessionEvent {
                    admin: session.admin,
                    company: row.get::<_, Option<i64>>("company_id").map(CompanyId::new),
                    session: session.id,
                };
                let actor = Actor::anonymous(origin.clone());
                event
                    .record(transaction, &actor, "admin.refresh_token_reused")
                    .await?;
                return Ok(Refreshed::Reused);
            }
            transaction
                .execute(INSERT_REFRESH_TOKEN, &[&next_digest, &session.id, &now])
                .await?;
            Ok(Refreshed::Rotated(session))
        })
        .await
    }

    /// Ends the session of a refresh token. One that is unknown or ended changes nothing.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn end_admin_session(
        &self,
        origin: &Origin,
        digest: &[u8],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.transaction("end_admin_session", async |transaction| {
            let Some(row) = transaction
                .query_opt(FIND_REFRESH_TOKEN, &[&digest])
                .await?
            else {
                return Ok(());
            };
            let event = SessionEvent {
                admin: AdminId::new(row.get("admin_id")),
                company: row.get::<_, Option<i64>>("company_id").map(CompanyId::new),
                session: row.get("session_id"),
            };
            let ended = transaction
                .execute(END_ADMIN_SESSION, &[&event.session, &now])
                .await?;
            if ended > 0 {
                let actor = Actor::admin(event.admin, origin.clone());
                event.record(transaction, &actor, "admin.sign_out").await?;
            }
            Ok(())
        })
        .await
    }

    /// Who a session belongs to, if it lasts: not ended, not expired, its administrator not disabled.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find_admin_session(
        &self,
        session: i64,
        admin: AdminId,
        now: OffsetDateTime,
    ) -> Result<Option<SignedIn>, StoreError> {
        let rows = self
            .read(
                "find_admin_session",
                FIND_ADMIN_SESSION,
                &[&session, &admin.get(), &now],
            )
            .await?;
        Ok(rows.first().map(|row| {
            let company = row.get::<_, Option<i64>>("company_id").map(CompanyId::new);
            SignedIn {
                admin: AdminId::new(row.get("id")),
                email: row.get("email"),
                role: Role::of(company),
                is_suspended: row.get("is_suspended"),
            }
        }))
    }

    /// Stores the same password hashed anew, unless it was changed meanwhile.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn rehash_password(
        &self,
        admin: AdminId,
        old_hash: &str,
        new_hash: &str,
    ) -> Result<(), StoreError> {
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
            [&admin.get(), &old_hash, &new_hash];
        self.write("rehash_password", REHASH_PASSWORD, &parameters)
            .await
            .map(|_| ())
    }

    /// Records a sign-in that failed, of a known account or of none. What was typed is not kept: it
    /// may be somebody's address, or a password in the wrong field.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn record_failed_sign_in(
        &self,
        origin: &Origin,
        account: Option<(AdminId, Role)>,
        action: &'static str,
    ) -> Result<(), StoreError> {
        let actor = Actor::anonymous(origin.clone());
        let subject = account.map_or("admin:unknown".to_owned(), |(id, _)| format!("admin:{id}"));
        self.transaction("record_failed_sign_in", async |transaction| {
            audit::record(
                transaction,
                AuditEvent {
                    actor: &actor,
                    action,
                    company: account.and_then(|(_, role)| role.company()),
                    subject: subject.clone(),
                    before: None,
                    after: None,
                },
            )
            .await
        })
        .await
    }
}

struct SessionEvent {
    admin: AdminId,
    company: Option<CompanyId>,
    session: i64,
}

impl SessionEvent {
    async fn record(
        &self,
        transaction: &Transaction<'_>,
        actor: &Actor,
        action: &'static str,
    ) -> Result<(), tokio_postgres::Error> {
        audit::record(
            transaction,
            AuditEvent {
                actor,
                action,
                company: self.company,
                subject: format!("admin:{}", self.admin),
                before: None,
                after: Some(json!({"session": self.session.to_string()})),
            },
        )
        .await
    }
}
