//! Access tokens of administrators: JWTs (RFC 7519) that expire after minutes.

use std::time::Duration;

use anyhow::ensure;
use jsonwebtoken::{Header, Validation};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::session_keys::SessionKeys;
use crate::config::Auth;
use crate::domain::{AccessToken, AdminId, SessionId};

const ISSUER: &str = "rubrica";
const AUDIENCE: &str = "rubrica-admin";
const TYPE: &str = "at+jwt";
/// The largest accepted difference between the clocks of two replicas.
const LEEWAY_SECONDS: i64 = 5;

/// Signs and verifies access tokens.
pub struct SessionTokens {
    keys: SessionKeys,
    ttl: Duration,
}

/// The claims of an access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// The administrator and the session that a token belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenSubject {
    /// The administrator.
    pub admin: AdminId,
    /// The session. It may have ended after the token was signed.
    pub session: SessionId,
}

impl SessionTokens {
    /// Loads the keys: Ed25519 from PEM files if they are configured, else the secrets in `auth.jwt_key`. Tokens
    /// expire after `ttl`.
    ///
    /// # Errors
    /// If a file cannot be read, or the first public key does not belong to the private key.
    pub fn new(settings: &Auth, ttl: Duration) -> anyhow::Result<Self> {
        let tokens = Self {
            keys: SessionKeys::new(settings)?,
            ttl,
        };
        let subject = TokenSubject {
            admin: AdminId::new(1),
            session: SessionId::new(1),
        };
        let now = OffsetDateTime::UNIX_EPOCH;
        let sample = tokens.sign(subject, now);
        ensure!(
            sample.is_ok_and(|(token, _)| tokens.verify(&token, now) == Some(subject)),
            "the first of auth.jwt_public_keys is not the public key of auth.jwt_private_key"
        );
        Ok(tokens)
    }

    /// Signs an access token. Returns it with its expiry.
    ///
    /// # Errors
    /// If the key cannot sign.
    pub fn sign(
        &self,
        subject: TokenSubject,
        now: OffsetDateTime,
    ) -> Result<(AccessToken, OffsetDateTime), jsonwebtoken::errors::Error> {
        let expires_at = now + self.ttl;
        let now = now.unix_timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: subject.admin.to_string(),
            sid: subject.session.to_string(),
            iat: now,
            nbf: now,
            exp: expires_at.unix_timestamp(),
        };
        let mut header = Header::new(self.keys.algorithm);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.keys.key_id.clone());
        let token = jsonwebtoken::encode(&header, &claims, &self.keys.signing)?;
        Ok((AccessToken::new(token.into()), expires_at))
    }

    /// Verifies a token and returns its subject. Returns `None` if the algorithm, type, key, issuer or audience is
    /// wrong, if the token is expired, or if it is not valid yet.
    #[must_use]
    pub fn verify(&self, token: &AccessToken, now: OffsetDateTime) -> Option<TokenSubject> {
        let token = token.text().expose_secret();
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != self.keys.algorithm || header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        // RFC 7515: a token with a critical extension that is not supported is invalid. None is supported.
        if header.crit.is_some() {
            return None;
        }
        let key = self.keys.verifying.get(&header.kid?)?;
        let mut validation = Validation::new(self.keys.algorithm);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        // Checked below against `now`.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation)
            .ok()?
            .claims;
        let now = now.unix_timestamp();
        let is_current = claims.nbf <= now + LEEWAY_SECONDS && now < claims.exp;
        if !is_current {
            return None;
        }
        Some(TokenSubject {
            admin: claims.sub.parse().ok()?,
            session: claims.sid.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use serde_json::{Value, json};

    use super::*;
    use crate::auth::session_keys::key_id;

    const SECRET: &str = "a secret of the tests that is long enough";
    const OTHER: &str = "another secret of the tests that is long enough";
    const NOW: OffsetDateTime = time::macros::datetime!(2026-01-31 09:30:00 UTC);
    const SUBJECT: TokenSubject = TokenSubject {
        admin: AdminId::new(7),
        session: SessionId::new(11),
    };

    fn tokens_with(list: &str) -> SessionTokens {
        SessionTokens {
            keys: SessionKeys::from_secrets(&list.parse().unwrap()),
            ttl: Duration::from_mins(5),
        }
    }

    fn signed(tokens: &SessionTokens) -> String {
        let (token, _) = tokens.sign(SUBJECT, NOW).unwrap();
        token.text().expose_secret().to_owned()
    }

    fn verify(tokens: &SessionTokens, token: &str, now: OffsetDateTime) -> Option<TokenSubject> {
        tokens.verify(&AccessToken::new(token.into()), now)
    }

    /// A valid token, after `change` has modified its header and claims.
    fn forged(change: impl FnOnce(&mut Header, &mut Value)) -> String {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key_id(SECRET.as_bytes()));
        let at = NOW.unix_timestamp();
        let mut claims = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "7", "sid": "11",
            "iat": at, "nbf": at, "exp": at + 300});
        change(&mut header, &mut claims);
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        jsonwebtoken::encode(&header, &claims, &key).unwrap()
    }

    #[test]
    fn a_token_is_valid_until_it_expires() {
        let tokens = tokens_with(SECRET);
        let token = signed(&tokens);
        let after = |seconds| verify(&tokens, &token, NOW + Duration::from_secs(seconds));

        assert_eq!(after(0), Some(SUBJECT));
        assert_eq!(after(299), Some(SUBJECT));
        assert_eq!(after(300), None);
        assert_eq!(verify(&tokens, &token, NOW - Duration::from_mins(1)), None);
    }

    #[test]
    fn a_token_with_any_wrong_header_or_claim_is_rejected() {
        let tokens = tokens_with(SECRET);
        assert_eq!(verify(&tokens, &forged(|_, _| {}), NOW), Some(SUBJECT));

        for (what, token) in [
            (
                "audience",
                forged(|_, claims| claims["aud"] = json!("rubrica")),
            ),
            ("issuer", forged(|_, claims| claims["iss"] = json!("evil"))),
            ("expired", forged(|_, claims| claims["exp"] = json!(1))),
            (
                "not yet",
                forged(|_, claims| claims["nbf"] = json!(9_999_999_999_i64)),
            ),
            ("subject", forged(|_, claims| claims["sub"] = json!("x"))),
            ("session", forged(|_, claims| claims["sid"] = json!(null))),
            (
                "key id",
                forged(|header, _| header.kid = Some("other".to_owned())),
            ),
            ("no key id", forged(|header, _| header.kid = None)),
            (
                "type",
                forged(|header, _| header.typ = Some("JWT".to_owned())),
            ),
            (
                "algorithm",
                forged(|header, _| header.alg = Algorithm::HS384),
            ),
            (
                "critical extension",
                forged(|header, _| header.crit = Some(vec!["b64".to_owned()])),
            ),
        ] {
            assert_eq!(verify(&tokens, &token, NOW), None, "{what}");
        }
        for missing in ["iss", "aud", "sub", "sid", "nbf", "exp", "iat"] {
            let token = forged(|_, claims| {
                claims.as_object_mut().unwrap().remove(missing);
            });
            assert_eq!(verify(&tokens, &token, NOW), None, "{missing}");
        }
    }

    #[test]
    fn a_token_without_a_signature_is_rejected() {
        let tokens = tokens_with(SECRET);
        let token = signed(&tokens);
        let (signed, _) = token.rsplit_once('.').unwrap();
        // {"typ":"at+jwt","alg":"none"}
        let none = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJub25lIn0";
        let claims = signed.rsplit_once('.').unwrap().1;

        for token in [
            format!("{none}.{claims}."),
            format!("{signed}."),
            signed.to_owned(),
            format!("{token}x"),
        ] {
            assert_eq!(verify(&tokens, &token, NOW), None, "{token}");
        }
    }

    #[test]
    fn a_replaced_key_verifies_until_it_is_removed_from_the_list() {
        let token = signed(&tokens_with(SECRET));

        let both = tokens_with(&format!("{OTHER},{SECRET}"));
        assert_eq!(verify(&both, &token, NOW), Some(SUBJECT));
        assert_eq!(verify(&tokens_with(OTHER), &token, NOW), None);
    }
}
