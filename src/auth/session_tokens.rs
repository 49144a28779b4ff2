//! Access tokens of administrators: JWTs (RFC 7519) that live for minutes.

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
/// How far the clocks of two replicas may be apart.
const LEEWAY_SECONDS: i64 = 5;

/// Signs access tokens and verifies them.
pub struct SessionTokens {
    keys: SessionKeys,
    ttl: Duration,
}

/// What an access token says.
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

/// Whose token it is, and which sign-in it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenSubject {
    /// The administrator.
    pub admin: AdminId,
    /// The session: it may have ended since.
    pub session: SessionId,
}

impl SessionTokens {
    /// Reads the keys: Ed25519 from PEM files where they are set, else the secrets of `auth.jwt_key`.
    ///
    /// # Errors
    /// If a file cannot be read, or the first public key is not the private one's.
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

    /// Makes an access token; and when it ends.
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

    /// Whose token this is; `None` for every bad one: another algorithm, type, key, issuer or
    /// audience, not good yet, or no more.
    #[must_use]
    pub fn verify(&self, token: &AccessToken, now: OffsetDateTime) -> Option<TokenSubject> {
        let token = token.text().expose_secret();
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != self.keys.algorithm || header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        // RFC 7515: no token is good whose critical extensions are not understood, and none is.
        if header.crit.is_some() {
            return None;
        }
        let key = self.keys.verifying.get(&header.kid?)?;
        let mut validation = Validation::new(self.keys.algorithm);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        // By the clock that is passed in, below.
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

    fn of_secrets(list: &str) -> SessionTokens {
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

    /// A token that is right but for what `change` makes of its claims and header.
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
    fn a_token_is_good_until_its_moment_and_no_longer() {
        let tokens = of_secrets(SECRET);
        let token = signed(&tokens);
        let after = |seconds| verify(&tokens, &token, NOW + Duration::from_secs(seconds));

        assert_eq!(after(0), Some(SUBJECT));
        assert_eq!(after(299), Some(SUBJECT));
        assert_eq!(after(300), None);
        assert_eq!(verify(&tokens, &token, NOW - Duration::from_mins(1)), None);
    }

    #[test]
    fn a_forged_token_is_refused_for_each_thing_that_is_wrong() {
        let tokens = of_secrets(SECRET);
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
    fn a_token_without_a_signature_is_refused() {
        let tokens = of_secrets(SECRET);
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
    fn a_replaced_key_verifies_until_it_is_taken_off_the_list() {
        let token = signed(&of_secrets(SECRET));

        let both = of_secrets(&format!("{OTHER},{SECRET}"));
        assert_eq!(verify(&both, &token, NOW), Some(SUBJECT));
        assert_eq!(verify(&of_secrets(OTHER), &token, NOW), None);
    }
}
