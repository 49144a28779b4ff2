//! Signing in, staying so, and signing out.

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

/// What somebody tries to sign in with. What cannot be anybody's costs as much as what is wrong.
pub struct Attempt {
    /// The e-mail address, if it is one.
    pub email: Option<Email>,
    /// The password, if it could be one.
    pub password: Option<Password>,
}

/// What keeps somebody signed in.
pub struct Tokens {
    /// The bearer token of requests.
    pub access_token: AccessToken,
    /// When it ends.
    pub access_expires_at: OffsetDateTime,
    /// What the next pair is got with, once.
    pub refresh_token: RefreshToken,
    /// When the administrator has to sign in again.
    pub session_expires_at: OffsetDateTime,
}

pub(super) type Account = Option<(AdminId, Role)>;

impl Administration {
    /// Signs somebody in.
    ///
    /// # Errors
    /// One for every wrong attempt; another for too many of them.
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
            self.metrics.admins.signed_in(SignInResult::Limited);
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

    /// Whether somebody who is not signed in may try to sign in, before it is known as whom.
    ///
    /// # Errors
    /// For too many calls of their address.
    pub fn admit_sign_in(&self, origin: &Origin) -> Result<(), AdministrationError> {
        self.admit(origin).inspect_err(|_| {
            self.metrics.admins.signed_in(SignInResult::Limited);
            self.record(origin, None, AuditAction::AdminSignInLimited);
        })
    }

    /// Begins a session of who proved to be somebody.
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
                self.metrics.admins.signed_in(SignInResult::Succeeded);
                self.tokens(session, refresh, now)
            }
            None => Err(self.refuse(origin, Some((judged.id, judged.role)))),
        }
    }

    /// Uses a refresh token up for the next pair of tokens.
    ///
    /// # Errors
    /// If it is unknown, its session ended, or it was used before: then its session ends.
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

    /// Ends the session of a refresh token. Repeating it changes nothing.
    ///
    /// # Errors
    /// If the database does not do it.
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

    /// Who sends this access token, as of now. Each time the session is looked up: a token is no
    /// longer good once its session has ended.
    ///
    /// # Errors
    /// If it is not good, or no more.
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

    /// Whose credentials these are, if the password is right; as they are stored by then.
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

    /// Whose session this refresh token belongs to, as of now, without using the token up: for the
    /// console, whose cookie it is. Where it was used for another pair, the session ends: somebody
    /// else has the cookie.
    ///
    /// # Errors
    /// If it is not good, or no more.
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

    /// Counts and records that somebody was not let in.
    pub(super) fn refuse(&self, origin: &Origin, known: Account) -> AdministrationError {
        self.metrics.admins.signed_in(SignInResult::Refused);
        self.record(origin, known, AuditAction::AdminSignInFailed);
        AdministrationError::SignInRefused
    }

    /// Records a failure, behind the answer's back: whether one is recorded depends on the account,
    /// and how long an answer takes must not tell.
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
