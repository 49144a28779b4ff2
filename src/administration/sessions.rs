//! Signing in, refreshing sessions, and signing out.

use time::OffsetDateTime;
use tracing::warn;

use super::{AdminPrincipal, Administration, AdministrationError};
use crate::ambient;
use crate::auth::{PasswordVerdict, TokenSubject};
use crate::domain::{
    AccessToken, AdminId, AuditAction, Email, Origin, Password, RefreshToken, Role,
};
use crate::metrics::SignInResult;
use crate::store::{AdminCredentials, AdminSession, Proof, Refreshed, RehashedPassword};

/// An attempt to sign in. Invalid input takes as long as wrong credentials.
pub struct Attempt {
    /// The e-mail address. `None` if it is invalid.
    pub email: Option<Email>,
    /// The password. `None` if it is invalid.
    pub password: Option<Password>,
}

/// The tokens of a session.
pub struct Tokens {
    /// The bearer token of requests.
    pub access_token: AccessToken,
    /// When the access token expires.
    pub access_expires_at: OffsetDateTime,
    /// The one-time token for the next pair.
    pub refresh_token: RefreshToken,
    /// When the session expires.
    pub session_expires_at: OffsetDateTime,
}

pub(super) type Account = Option<(AdminId, Role)>;

impl Administration {
    /// Signs in with a password.
    ///
    /// # Errors
    /// One error for every wrong attempt, another one after too many of them.
    pub async fn sign_in(
        &self,
        origin: &Origin,
        attempt: Attempt,
    ) -> Result<Tokens, AdministrationError> {
        let account = attempt.email.as_ref().map_or("", Email::as_str);
        let allowed = self.limits.attempt(origin.client_address, account);
        let credentials = match &attempt.email {
            None => None,
            Some(email) => self.store.find_admin_credentials(email).await?,
        };
        let known = credentials
            .as_ref()
            .map(|credentials| (credentials.id, credentials.role));
        if let Err(limited) = allowed {
            self.metrics.admins.count_sign_in(SignInResult::Limited);
            self.record(origin, known, AuditAction::AdminSignInLimited);
            return Err(limited);
        }
        let Some(judged) = self.judge(attempt.password.as_ref(), credentials).await? else {
            return Err(self.refuse(origin, known));
        };
        let begun = self.begin_session(origin, &judged, Proof::Password).await;
        if begun.is_ok() {
            self.limits.succeeded(origin.client_address, account);
        }
        begun
    }

    /// Counts an unauthenticated call before its body is read.
    ///
    /// # Errors
    /// If its address made too many calls.
    pub fn admit_sign_in(&self, origin: &Origin) -> Result<(), AdministrationError> {
        self.admit(origin).inspect_err(|_| {
            self.metrics.admins.count_sign_in(SignInResult::Limited);
            self.record(origin, None, AuditAction::AdminSignInLimited);
        })
    }

    /// Creates a session for an authenticated administrator.
    pub(super) async fn begin_session(
        &self,
        origin: &Origin,
        judged: &AdminCredentials,
        proof: Proof<'_>,
    ) -> Result<Tokens, AdministrationError> {
        let now = origin.received_at;
        let refresh = RefreshToken::generate(&mut ambient::random());
        let session = self
            .store
            .begin_admin_session(
                origin,
                judged,
                proof,
                refresh.digest(),
                now,
                now + self.settings.session_ttl,
            )
            .await?;
        match session {
            Some(session) => {
                self.metrics.admins.count_sign_in(SignInResult::Succeeded);
                self.tokens(session, refresh, now)
            }
            None => Err(self.refuse(origin, Some((judged.id, judged.role)))),
        }
    }

    /// Exchanges a refresh token for the next pair of tokens.
    ///
    /// # Errors
    /// If the token is unknown, its session has ended, or it was used before, which revokes its session.
    pub async fn refresh(
        &self,
        origin: &Origin,
        refresh_token: &RefreshToken,
    ) -> Result<Tokens, AdministrationError> {
        let now = origin.received_at;
        let next = RefreshToken::generate(&mut ambient::random());
        let digest = refresh_token.digest();
        let refreshed = self
            .store
            .refresh_admin_session(origin, digest, next.digest(), now);
        match refreshed.await? {
            Refreshed::Rotated(session) => self.tokens(session, next, now),
            Refreshed::Reused | Refreshed::Refused => Err(AdministrationError::TokenRefused),
        }
    }

    /// Ends the session of a refresh token. Idempotent.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn end_session(
        &self,
        origin: &Origin,
        refresh_token: &RefreshToken,
    ) -> Result<(), AdministrationError> {
        let digest = refresh_token.digest();
        let ended = self
            .store
            .end_admin_session(origin, digest, origin.received_at);
        Ok(ended.await?)
    }

    /// The principal of an access token. Looks up the session each time, so that a token is invalid as soon
    /// as its session has ended.
    ///
    /// # Errors
    /// If the token is invalid or expired, or its session has ended.
    pub async fn authenticate(
        &self,
        origin: Origin,
        access_token: &AccessToken,
    ) -> Result<AdminPrincipal, AdministrationError> {
        let now = origin.received_at;
        let subject = self
            .session_tokens()?
            .verify(access_token, now)
            .ok_or(AdministrationError::TokenRefused)?;
        let signed_in = self
            .store
            .find_admin_session(subject.session, subject.admin, now);
        let signed_in = signed_in.await?.ok_or(AdministrationError::TokenRefused)?;
        Ok(AdminPrincipal::signed_in(signed_in, origin))
    }

    /// Verifies the password, and returns the stored credentials.
    async fn judge(
        &self,
        password: Option<&Password>,
        credentials: Option<AdminCredentials>,
    ) -> Result<Option<AdminCredentials>, AdministrationError> {
        let credentials = credentials.filter(|credentials| credentials.is_active);
        let hash = credentials
            .as_ref()
            .and_then(|credentials| credentials.password_hash.as_ref());
        let verdict = self.passwords.verify(password, hash).await?;
        let Some(mut judged) = credentials.filter(|_| verdict != PasswordVerdict::Wrong) else {
            return Ok(None);
        };
        if let PasswordVerdict::RightAndRehashed(new) = verdict
            && let Some(known) = judged.password_hash.replace(new.clone())
        {
            let (known, hash) = (&known, &new);
            let rehashed = RehashedPassword { known, hash };
            self.store.rehash_password(judged.id, &rehashed).await?;
        }
        Ok(Some(judged))
    }

    /// The principal of a refresh token, which stays valid. For the console, whose cookie contains it. If
    /// the token had been exchanged before, the session is revoked, because that indicates theft.
    ///
    /// # Errors
    /// If the token is invalid or expired, or its session has ended.
    pub async fn resume(
        &self,
        origin: Origin,
        refresh_token: &RefreshToken,
    ) -> Result<AdminPrincipal, AdministrationError> {
        let digest = refresh_token.digest();
        let found = self
            .store
            .resume_admin_session(&origin, digest, origin.received_at);
        let signed_in = found.await?.ok_or(AdministrationError::TokenRefused)?;
        Ok(AdminPrincipal::signed_in(signed_in, origin))
    }

    fn tokens(
        &self,
        session: AdminSession,
        refresh: RefreshToken,
        now: OffsetDateTime,
    ) -> Result<Tokens, AdministrationError> {
        let subject = TokenSubject {
            admin: session.admin,
            session: session.id,
        };
        let (access_token, access_expires_at) = self
            .session_tokens()?
            .sign(subject, now)
            .map_err(|error| AdministrationError::Defect(error.to_string()))?;
        Ok(Tokens {
            access_token,
            access_expires_at,
            refresh_token: refresh,
            session_expires_at: session.expires_at,
        })
    }

    /// Counts and records a failed sign-in.
    pub(super) fn refuse(&self, origin: &Origin, known: Account) -> AdministrationError {
        self.metrics.admins.count_sign_in(SignInResult::Refused);
        self.record(origin, known, AuditAction::AdminSignInFailed);
        AdministrationError::SignInRefused
    }

    /// Records a failure in the background. Whether it is recorded depends on the account, and the response
    /// time must not reveal that.
    pub(super) fn record(&self, origin: &Origin, account: Account, action: AuditAction) {
        let id = account.map(|(id, _)| id);
        if !self.limits.is_recorded(id, origin.client_address) {
            return;
        }
        let (store, origin) = (self.store.clone(), origin.clone());
        tokio::spawn(async move {
            let recorded = store.record_failed_sign_in(&origin, account, action);
            if let Err(error) = recorded.await {
                warn!(%error, %action, "a failure was not recorded");
            }
        });
    }
}
