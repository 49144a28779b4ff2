//! Sessions of administrators.

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

/// A session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdminSession {
    /// The id.
    pub id: SessionId,
    /// The administrator.
    pub admin: AdminId,
    /// When it expires.
    pub expires_at: OffsetDateTime,
}

/// The administrator of a valid session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The id.
    pub admin: AdminId,
    /// The e-mail address.
    pub email: String,
    /// What they may reach.
    pub role: Role,
    /// Whether their company is suspended.
    pub is_suspended: bool,
}

/// The result of using a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// The token was valid, and the new one is stored.
    Rotated(AdminSession),
    /// The token had been used before. Its session is revoked.
    Reused,
    /// The token is unknown, or its session has ended.
    Refused,
}

impl Store {
    /// Replaces a refresh token by the next one. Reuse of a token indicates theft and revokes its
    /// session.
    ///
    /// # Errors
    /// A [`StoreError`].
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
                revoke_reused(transaction, &row, origin, now).await?;
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

    /// Ends the session of a refresh token. Does nothing if the token is unknown or the session has ended.
    ///
    /// # Errors
    /// A [`StoreError`].
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

    /// The administrator of a session. `None` if it has ended or expired, or they are disabled.
    ///
    /// # Errors
    /// A [`StoreError`].
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

    /// The administrator of a session, by its refresh token, which stays valid. If the token had been
    /// used before, the session is revoked, because that indicates theft.
    ///
    /// # Errors
    /// A [`StoreError`].
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
                revoke_reused(transaction, &row, origin, now).await?;
            }
            Ok(None)
        })
        .await
    }
}

/// An audit event of a session.
pub(in crate::store) struct SessionEvent {
    pub(in crate::store) admin: AdminId,
    pub(in crate::store) company: Option<CompanyId>,
    pub(in crate::store) session: SessionId,
    /// How they authenticated, if this is a sign-in.
    pub(in crate::store) begun_by: Option<&'static str>,
}

impl SessionEvent {
    /// An event of the session of a refresh token.
    fn of(row: &Row) -> Self {
        Self {
            admin: AdminId::new(row.get("admin_id")),
            company: row.get::<_, Option<i64>>("company_id").map(CompanyId::new),
            session: SessionId::new(row.get("session_id")),
            begun_by: None,
        }
    }

    /// Ends the session and records the reason, unless it has ended.
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

/// Ends the session of a refresh token that was used twice, which indicates theft.
async fn revoke_reused(
    transaction: &Transaction<'_>,
    token: &Row,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<(), tokio_postgres::Error> {
    let actor = Actor::anonymous(origin.clone());
    let action = AuditAction::AdminRefreshTokenReused;
    SessionEvent::of(token)
        .end(transaction, &actor, action, now)
        .await
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
