//! ID tokens: JWTs whose algorithm, issuer, audience, time and nonce are all pinned.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use time::OffsetDateTime;

use crate::domain::Email;

/// How far the issuer's clock may be from ours.
const LEEWAY_SECONDS: i64 = 60;

/// Who somebody is, by the word of the issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whose word it is.
    pub issuer: String,
    /// The issuer's name for them, which never passes to somebody else.
    pub subject: String,
    /// Their address, which the issuer has verified.
    pub email: Email,
}

/// What an ID token has to say.
pub(super) struct Expected<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: OffsetDateTime,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Audience,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    iat: i64,
    nonce: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Why an ID token is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No key of the issuer's has the id that it names.
    UnknownKey,
    /// Anything else. Says what, without what the token holds.
    Bad(&'static str),
}

impl Expected<'_> {
    pub(super) fn judge(&self, token: &str, keys: &JwkSet) -> Result<Identity, Refusal> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::Bad("no ID token"))?;
        if header.alg != self.algorithm {
            return Err(Refusal::Bad("signed with another algorithm"));
        }
        let key = match &header.kid {
            Some(id) => keys.find(id),
            // It need not name a key if there is one alone.
            None => keys.keys.first().filter(|_| keys.keys.len() == 1),
        };
        let key = DecodingKey::from_jwk(key.ok_or(Refusal::UnknownKey)?)
            .map_err(|_| Refusal::Bad("signed with a key of another kind"))?;
        let mut validation = Validation::new(self.algorithm);
        validation.set_issuer(&[self.issuer]);
        validation.set_audience(&[self.client_id]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // By the clock that is passed in, below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
            .map_err(|_| Refusal::Bad("not signed by the issuer, or not for us"))?
            .claims;
        let now = self.now.unix_timestamp();
        let begins = claims.nbf.unwrap_or(claims.iat).max(claims.iat);
        if now >= claims.exp + LEEWAY_SECONDS || begins > now + LEEWAY_SECONDS {
            return Err(Refusal::Bad("not good at this time"));
        }
        if claims.nonce != self.nonce {
            return Err(Refusal::Bad("made for another sign-in"));
        }
        if !claims.aud.is_only(self.client_id) {
            return Err(Refusal::Bad("made for others, too"));
        }
        let email = claims.email.filter(|_| claims.email_verified);
        let email = email.and_then(|email| unambiguous(&email));
        Ok(Identity {
            issuer: self.issuer.to_owned(),
            subject: claims.sub,
            email: email.ok_or(Refusal::Bad("without an e-mail address that is verified"))?,
        })
    }
}

impl Audience {
    fn is_only(&self, client_id: &str) -> bool {
        match self {
            Self::One(audience) => audience == client_id,
            Self::Many(audiences) => matches!(audiences.as_slice(), [one] if one == client_id),
        }
    }
}

/// An address, unless its lower case is somebody else's: the Kelvin sign's is an ASCII `k`.
fn unambiguous(text: &str) -> Option<Email> {
    let email = Email::parse(text).ok()?;
    let local = |address: &str| address.rsplit_once('@').map(|(local, _)| local.is_ascii());
    (local(text) == local(email.as_str())).then_some(email)
}
