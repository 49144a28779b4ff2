//! Sign-ins of administrators.

use time::OffsetDateTime;

use super::accounts::{FIND_ADMIN_BY_EMAIL, read_admin, read_password_hash};
use super::identities::is_theirs;
use super::sessions::{INSERT_REFRESH_TOKEN, SessionEvent};
use crate::domain::{
    Actor, AdminId, AdminState, AuditAction, AuditSubject, Email, Origin, Role, SecretHash,
    SessionId, TokenDigest,
};
use crate::store::audit::AuditEvent;
use crate::store::{AdminCredentials, AdminSession, Store, StoreError};

const FORGET_ADMIN_SESSIONS: &str = include_str!("../../../sql/queries/forget_admin_sessions.sql");
const INSERT_ADMIN_SESSION: &str = include_str!("../../../sql/queries/insert_admin_session.sql");
const LOCK_ADMIN: &str = include_str!("../../../sql/queries/lock_admin.sql");
const REHASH_PASSWORD: &str = include_str!("../../../sql/queries/rehash_password.sql");

/// The same password with a new hash.
#[derive(Debug, Clone, Copy)]
pub struct RehashedPassword<'a> {
    /// The current hash.
    pub known: &'a SecretHash,
    /// The new hash.
    pub hash: &'a SecretHash,
}

/// How an administrator authenticated.
#[derive(Debug, Clone, Copy)]
pub enum Proof<'a> {
    /// By the password with this hash.
    Password,
    /// By an OpenID Connect issuer.
    Identity {
        /// The issuer.
        issuer: &'a str,
        /// The subject: the issuer's id for them.
        subject: &'a str,
    },
}

impl Proof<'_> {
    const fn name(&self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Identity { .. } => "single_sign_on",
        }
    }
}

impl Store {
    /// Finds the credentials for this e-mail address.
    ///
    /// # Errors
    /// A [`StoreError`].
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
                password_hash: read_password_hash(row),
                is_active: admin.state == AdminState::Active,
            }
        }))
    }

    /// Creates a session. `None` if the password was changed or the administrator disabled since the
    /// credentials were read, or if the identity belongs to nobody or to another administrator.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn begin_admin_session(
        &self,
        origin: &Origin,
        judged: &AdminCredentials,
        proof: Proof<'_>,
        refresh_digest: TokenDigest,
        now: OffsetDateTime,
        expires_at: OffsetDateTime,
    ) -> Result<Option<AdminSession>, StoreError> {
        let actor = Actor::admin(judged.id, origin.clone());
        self.transaction("begin_admin_session", async |transaction| {
            let row = transaction
                .query_opt(LOCK_ADMIN, &[&judged.id.get()])
                .await?;
            let Some(row) = row else {
                return Ok(None);
            };
            let state = read_admin(&row).state;
            let is_proven = match proof {
                Proof::Password => {
                    state == AdminState::Active && read_password_hash(&row) == judged.password_hash
                }
                Proof::Identity { issuer, subject } => {
                    state != AdminState::Disabled
                        && is_theirs(transaction, &actor, judged, (issuer, subject), now).await?
                }
            };
            if !is_proven {
                return Ok(None);
            }
            transaction.execute(FORGET_ADMIN_SESSIONS, &[&now]).await?;
            let row = transaction
                .query_one(INSERT_ADMIN_SESSION, &[&judged.id.get(), &now, &expires_at])
                .await?;
            let id = SessionId::new(row.get("id"));
            transaction
                .execute(
                    INSERT_REFRESH_TOKEN,
                    &[&refresh_digest.as_bytes(), &id.get(), &now],
                )
                .await?;
            let event = SessionEvent {
                admin: judged.id,
                company: judged.role.company(),
                session: id,
                begun_by: Some(proof.name()),
            };
            event
                .record(transaction, &actor, AuditAction::AdminSignIn)
                .await?;
            Ok(Some(AdminSession {
                id,
                admin: judged.id,
                expires_at,
            }))
        })
        .await
    }

    /// Stores a new hash of the same password, unless the password was changed in the meantime.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn rehash_password(
        &self,
        admin: AdminId,
        rehashed: &RehashedPassword<'_>,
    ) -> Result<(), StoreError> {
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [
            &admin.get(),
            &rehashed.known.as_str(),
            &rehashed.hash.as_str(),
        ];
        self.write("rehash_password", REHASH_PASSWORD, &parameters)
            .await
            .map(|_| ())
    }

    /// Records a failed sign-in. Does not store what was typed: it may be another person's address, or a
    /// password in the wrong field.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn record_failed_sign_in(
        &self,
        origin: &Origin,
        account: Option<(AdminId, Role)>,
        action: AuditAction,
    ) -> Result<(), StoreError> {
        let actor = Actor::anonymous(origin.clone());
        let subject = account.map_or(AuditSubject::UnknownAdmin, |(id, _)| {
            AuditSubject::Admin(id)
        });
        let event = AuditEvent {
            actor: &actor,
            action,
            company: account.and_then(|(_, role)| role.company()),
            subject,
            before: None,
            after: None,
        };
        self.record_alone("record_failed_sign_in", event).await
    }
}
