//! Sessions of administrators: how they go on, and how they end.

use serde_json::json;
use time::OffsetDateTime;
use tokio_postgres::{Row, Transaction};

use crate::domain::{
    Actor, AdminId, AuditAction, AuditSubject, CompanyId, Origin, Role, SessionId, TokenDigest,
};
use crate::store::audit::{self, AuditEvent};
use crate::store::{Store, StoreError};

const END_ADMIN_SESSION: &str = include_str!("../../../sql/queries/end_admin_session.sql");
const FIND_ADMIN_SESSION: &str = include_str!("../../../sql/queries/find_admin_session.sql");
const FIND_ADMIN_SESSION_BY_TOKEN: &str =
    include_str!("../../../sql/queries/find_admin_session_by_token.sql");
const FIND_REFRESH_TOKEN: &str = include_str!("../../../sql/queries/find_refresh_token.sql");
pub(in crate::store) const INSERT_REFRESH_TOKEN: &str =
    include_str!("../../../sql/queries/insert_refresh_token.sql");
const USE_REFRESH_TOKEN: &str = include_str!("../../../sql/queries/use_refresh_token.sql");

/// A sign-in that lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdminSession {
    /// Its id.
    pub id: SessionId,
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
    /// Uses a refresh token up, and stores the one that follows. One that comes a second time was
    /// stolen from somebody: its session ends.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn refresh_admin_session(
        &self,
        origin: &Origin,
        digest: TokenDigest,
        next_digest: TokenDigest,
        now: OffsetDateTime,
    ) -> Result<Refreshed, StoreError> {
        self.transaction("refresh_admin_session", async |transaction| {
            let Some(row) = transaction
                .query_opt(FIND_REFRESH_TOKEN, &[&digest.as_bytes()])
                .await?
            else {
                return Ok(Refreshed::Refused);
            };
            let session = AdminSession {
                id: SessionId::new(row.get("session_id")),
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
                .query_opt(USE_REFRESH_TOKEN, &[&digest.as_bytes(), &now])
                .await?;
            if used.is_none() {
                let actor = Actor::anonymous(origin.clone());
                let event = SessionEvent::of(&row);
                event
                    .end(
                        transaction,
                        &actor,
                        AuditAction::AdminRefreshTokenReused,
                        now,
                    )
                    .await?;
                return Ok(Refreshed::Reused);
            }
            transaction
                .execute(
                    INSERT_REFRESH_TOKEN,
                    &[&next_digest.as_bytes(), &session.id.get(), &now],
                )
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
        digest: TokenDigest,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.transaction("end_admin_session", async |transaction| {
            let Some(row) = transaction
                .query_opt(FIND_REFRESH_TOKEN, &[&digest.as_bytes()])
                .await?
            else {
                return Ok(());
            };
            let event = SessionEvent::of(&row);
            let actor = Actor::admin(event.admin, origin.clone());
            let action = AuditAction::AdminSignOut;
            Ok(event.end(transaction, &actor, action, now).await?)
        })
        .await
    }

    /// Who a session belongs to, if it lasts: not ended, not expired, its administrator not disabled.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find_admin_session(
        &self,
        session: SessionId,
        admin: AdminId,
        now: OffsetDateTime,
    ) -> Result<Option<SignedIn>, StoreError> {
        let rows = self
            .read(
                "find_admin_session",
                FIND_ADMIN_SESSION,
                &[&session.get(), &admin.get(), &now],
            )
            .await?;
        Ok(rows.first().map(read_signed_in))
    }

    /// Who a session belongs to, by its refresh token, if it lasts. The token is not used up; where
    /// it was before, two have it: the session ends.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn resume_admin_session(
        &self,
        origin: &Origin,
        digest: TokenDigest,
        now: OffsetDateTime,
    ) -> Result<Option<SignedIn>, StoreError> {
        let rows = self
            .read(
                "resume_admin_session",
                FIND_ADMIN_SESSION_BY_TOKEN,
                &[&digest.as_bytes(), &now],
            )
            .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        if !row.get::<_, bool>("is_used") {
            return Ok(Some(read_signed_in(row)));
        }
        self.transaction("end_reused_admin_session", async |transaction| {
            let row = transaction
                .query_opt(FIND_REFRESH_TOKEN, &[&digest.as_bytes()])
                .await?;
            if let Some(row) = row {
                let actor = Actor::anonymous(origin.clone());
                let event = SessionEvent::of(&row);
                event
                    .end(
                        transaction,
                        &actor,
                        AuditAction::AdminRefreshTokenReused,
                        now,
                    )
                    .await?;
            }
            Ok(None)
        })
        .await
    }
}

/// What happens to a session, as it is recorded.
pub(in crate::store) struct SessionEvent {
    pub(in crate::store) admin: AdminId,
    pub(in crate::store) company: Option<CompanyId>,
    pub(in crate::store) session: SessionId,
    /// How they proved who they are, where they just did.
    pub(in crate::store) begun_by: Option<&'static str>,
}

impl SessionEvent {
    /// Of the session of a refresh token.
    fn of(row: &Row) -> Self {
        Self {
            admin: AdminId::new(row.get("admin_id")),
            company: row.get::<_, Option<i64>>("company_id").map(CompanyId::new),
            session: SessionId::new(row.get("session_id")),
            begun_by: None,
        }
    }

    /// Ends the session, and records why, unless it has ended.
    async fn end(
        &self,
        transaction: &Transaction<'_>,
        actor: &Actor,
        action: AuditAction,
        now: OffsetDateTime,
    ) -> Result<(), tokio_postgres::Error> {
        let ended = transaction
            .execute(END_ADMIN_SESSION, &[&self.session.get(), &now])
            .await?;
        if ended > 0 {
            self.record(transaction, actor, action).await?;
        }
        Ok(())
    }

    pub(in crate::store) async fn record(
        &self,
        transaction: &Transaction<'_>,
        actor: &Actor,
        action: AuditAction,
    ) -> Result<(), tokio_postgres::Error> {
        let mut after = json!({"session": self.session.to_string()});
        if let Some(proof) = self.begun_by {
            after["by"] = proof.into();
        }
        audit::append(
            transaction,
            AuditEvent {
                actor,
                action,
                company: self.company,
                subject: AuditSubject::Admin(self.admin),
                before: None,
                after: Some(after),
            },
        )
        .await
    }
}

fn read_signed_in(row: &Row) -> SignedIn {
    let company = row.get::<_, Option<i64>>("company_id").map(CompanyId::new);
    SignedIn {
        admin: AdminId::new(row.get("id")),
        email: row.get("email"),
        role: Role::of(company),
        is_suspended: row.get("is_suspended"),
    }
}
