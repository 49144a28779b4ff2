//! API keys: their states, changes and rotation.

use std::fmt;

use serde::Serialize;
use time::OffsetDateTime;

use super::{
    AuditAction, ClientId, CompanyId, GracePeriod, Label, Quota, Scopes, SecretHash, timestamp,
};

/// Whether a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// It works, unless its company is suspended.
    Active,
    /// It has expired.
    Expired,
    /// It was revoked.
    Revoked,
}

impl KeyState {
    /// The state at the time `now`. A revoked key stays revoked after its expiry.
    #[must_use]
    pub fn of(
        expires_at: Option<OffsetDateTime>,
        revoked_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Self {
        if revoked_at.is_some() {
            Self::Revoked
        } else if expires_at.is_some_and(|end| end <= now) {
            Self::Expired
        } else {
            Self::Active
        }
    }

    /// The name that callers see.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// An API key, as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// The public part of its token.
    pub client_id: ClientId,
    /// The company it belongs to.
    pub company_id: CompanyId,
    /// Its name.
    pub name: String,
    /// Its permissions.
    pub scopes: Scopes,
    /// Its own rate limit; none: the default.
    pub rate_limit: Option<Quota>,
    /// Its state when it was read.
    pub state: KeyState,
    /// When it was created.
    #[serde(serialize_with = "timestamp::serialize")]
    pub created_at: OffsetDateTime,
    /// When it expires; none: never.
    #[serde(serialize_with = "timestamp::serialize_optional")]
    pub expires_at: Option<OffsetDateTime>,
    /// When it was revoked.
    #[serde(serialize_with = "timestamp::serialize_optional")]
    pub revoked_at: Option<OffsetDateTime>,
    /// When it was last used, up to a minute late; none: never.
    #[serde(serialize_with = "timestamp::serialize_optional")]
    pub last_used_at: Option<OffsetDateTime>,
    /// The key that replaces it since a rotation.
    pub replaced_by: Option<ClientId>,
}

/// What the database stores of a token.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The public part of the token.
    pub client_id: ClientId,
    /// The hash of its secret.
    pub secret_hash: SecretHash,
    /// Which secret of the deployment keyed its checksum.
    pub token_key_fingerprint: String,
}

/// A key to create.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What the database stores of its token.
    pub credential: Credential,
    /// The company it belongs to.
    pub company_id: CompanyId,
    /// Its name.
    pub name: String,
    /// Its permissions.
    pub scopes: Scopes,
    /// Its own rate limit.
    pub rate_limit: Option<Quota>,
    /// When it expires; none: never.
    pub expires_at: Option<OffsetDateTime>,
}

/// What to change of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiKeyChange {
    /// A new name, limit or scopes; `None` leaves them.
    Update {
        /// A new name.
        name: Option<Label>,
        /// A new limit, or `Some(None)` for the company's.
        rate_limit: Option<Option<Quota>>,
        /// New scopes in place of all old ones.
        scopes: Option<Scopes>,
    },
    /// Revokes it. Revoking it again changes nothing.
    Revoke,
}

impl ApiKeyChange {
    /// The action that the audit log records.
    #[must_use]
    pub const fn action(&self) -> AuditAction {
        match self {
            Self::Update { .. } => AuditAction::KeyUpdate,
            Self::Revoke => AuditAction::KeyRevoke,
        }
    }
}

/// Why a key is not rotated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRotatable {
    /// It was revoked.
    #[error("the key is revoked: create another one")]
    Revoked,
    /// It has expired.
    #[error("the key is expired: create another one")]
    Expired,
    /// It was rotated before.
    #[error("the key was rotated already: {0} is in its place, and may be rotated")]
    Replaced(ClientId),
}

/// What a rotation did.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// The new key, with the name, scopes, rate limit and expiry of the old one.
    pub successor: ApiKey,
    /// The old key, as it is now.
    pub replaced: ApiKey,
}

impl NewApiKey {
    /// The key as it is when it is created, at the time `now`.
    #[must_use]
    pub fn created(&self, now: OffsetDateTime) -> ApiKey {
        ApiKey {
            client_id: self.credential.client_id.clone(),
            company_id: self.company_id,
            name: self.name.clone(),
            scopes: self.scopes,
            rate_limit: self.rate_limit,
            state: KeyState::of(self.expires_at, None, now),
            created_at: now,
            expires_at: self.expires_at,
            revoked_at: None,
            last_used_at: None,
            replaced_by: None,
        }
    }
}

impl ApiKey {
    /// Applies a change at the time `now`.
    #[must_use]
    pub fn with(mut self, change: &ApiKeyChange, now: OffsetDateTime) -> Self {
        match change {
            ApiKeyChange::Update {
                name,
                rate_limit,
                scopes,
            } => {
                if let Some(name) = name {
                    name.as_str().clone_into(&mut self.name);
                }
                self.rate_limit = rate_limit.unwrap_or(self.rate_limit);
                self.scopes = scopes.unwrap_or(self.scopes);
            }
            ApiKeyChange::Revoke => self.revoke(now),
        }
        self
    }

    fn revoke(&mut self, now: OffsetDateTime) {
        self.revoked_at = self.revoked_at.or(Some(now));
        self.state = KeyState::Revoked;
    }

    /// Rotates the key at the time `now`: returns the key that replaces it, and the key itself as it is
    /// then. It works until the end of the grace period, but not beyond its own expiry; without a grace
    /// period it is revoked.
    ///
    /// # Errors
    /// If it is revoked or expired, or was rotated before.
    pub fn rotate(
        &self,
        grace: GracePeriod,
        credential: Credential,
        now: OffsetDateTime,
    ) -> Result<(NewApiKey, Self), NotRotatable> {
        if let Some(successor) = &self.replaced_by {
            return Err(NotRotatable::Replaced(successor.clone()));
        }
        match self.state {
            KeyState::Revoked => return Err(NotRotatable::Revoked),
            KeyState::Expired => return Err(NotRotatable::Expired),
            KeyState::Active => {}
        }
        let mut replaced = self.clone();
        replaced.replaced_by = Some(credential.client_id.clone());
        if grace.duration().is_zero() {
            // Revokes it instead of setting an expiry, because the clocks of replicas may differ.
            replaced.revoke(now);
        } else {
            let end = now + grace.duration();
            replaced.expires_at = Some(self.expires_at.map_or(end, |own| own.min(end)));
        }
        let successor = NewApiKey {
            credential,
            company_id: self.company_id,
            name: self.name.clone(),
            scopes: self.scopes,
            rate_limit: self.rate_limit,
            expires_at: self.expires_at,
        };
        Ok((successor, replaced))
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-01-31 9:30 UTC);
    const HOUR: Duration = Duration::HOUR;

    fn credential(client_id: &str) -> Credential {
        Credential {
            client_id: client_id.parse().unwrap(),
            secret_hash: SecretHash::new(String::new()),
            token_key_fingerprint: String::new(),
        }
    }

    fn key(expires_at: Option<OffsetDateTime>) -> ApiKey {
        let key = NewApiKey {
            credential: credential("aaaaaaaaaaaa"),
            company_id: CompanyId::new(1),
            name: "a key".to_owned(),
            scopes: Scopes::default_of_a_key(),
            rate_limit: Some(Quota::LARGEST),
            expires_at,
        };
        key.created(NOW)
    }

    fn rotate(key: &ApiKey, grace: &str) -> Result<(NewApiKey, ApiKey), NotRotatable> {
        key.rotate(grace.parse().unwrap(), credential("bbbbbbbbbbbb"), NOW)
    }

    #[test]
    fn a_key_is_active_until_its_end_and_revoked_for_good() {
        let end = Some(NOW);
        assert_eq!(KeyState::of(None, None, NOW), KeyState::Active);
        assert_eq!(KeyState::of(end, None, NOW - HOUR), KeyState::Active);
        assert_eq!(KeyState::of(end, None, NOW), KeyState::Expired);
        assert_eq!(KeyState::of(end, Some(NOW), NOW), KeyState::Revoked);
        assert_eq!(KeyState::of(None, Some(NOW), NOW - HOUR), KeyState::Revoked);
    }

    #[test]
    fn an_update_sets_what_it_names_and_leaves_the_rest() {
        let change = ApiKeyChange::Update {
            name: Some("another name".parse().unwrap()),
            rate_limit: Some(None),
            scopes: None,
        };
        let expected = ApiKey {
            name: "another name".to_owned(),
            rate_limit: None,
            ..key(None)
        };
        assert_eq!(key(None).with(&change, NOW + HOUR), expected);
    }

    #[test]
    fn a_repeated_revocation_changes_nothing() {
        let revoked = key(None).with(&ApiKeyChange::Revoke, NOW);
        assert_eq!(revoked.state, KeyState::Revoked);
        assert_eq!(revoked.revoked_at, Some(NOW));
        let again = revoked.clone().with(&ApiKeyChange::Revoke, NOW + HOUR);
        assert_eq!(again, revoked);
    }

    #[test]
    fn a_rotated_key_works_until_the_end_of_the_grace_period() {
        let (successor, replaced) = rotate(&key(None), "1h").unwrap();
        assert_eq!(replaced.expires_at, Some(NOW + HOUR));
        assert_eq!(replaced.state, KeyState::Active);
        assert_eq!(replaced.revoked_at, None);
        assert_eq!(replaced.replaced_by, Some("bbbbbbbbbbbb".parse().unwrap()));
        let expected = ApiKey {
            client_id: "bbbbbbbbbbbb".parse().unwrap(),
            ..key(None)
        };
        assert_eq!(successor.created(NOW), expected);
    }

    #[test]
    fn a_grace_period_does_not_prolong_a_key() {
        let end = Some(NOW + HOUR);
        let (successor, replaced) = rotate(&key(end), "1d").unwrap();
        assert_eq!(replaced.expires_at, end);
        assert_eq!(successor.expires_at, end);
    }

    #[test]
    fn without_grace_a_rotated_key_is_revoked() {
        let (_, replaced) = rotate(&key(None), "0d").unwrap();
        assert_eq!(replaced.state, KeyState::Revoked);
        assert_eq!(replaced.revoked_at, Some(NOW));
        assert_eq!(replaced.expires_at, None);
    }

    #[test]
    fn only_a_key_in_use_that_was_not_rotated_is_rotated() {
        let refusal = |key: &ApiKey| rotate(key, "1d").unwrap_err();
        let revoked = key(None).with(&ApiKeyChange::Revoke, NOW);
        assert_eq!(refusal(&revoked), NotRotatable::Revoked);
        assert_eq!(refusal(&key(Some(NOW))), NotRotatable::Expired);
        let (_, replaced) = rotate(&key(None), "1d").unwrap();
        let successor = "bbbbbbbbbbbb".parse().unwrap();
        assert_eq!(refusal(&replaced), NotRotatable::Replaced(successor));
    }
}
