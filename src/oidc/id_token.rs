//! Verifies ID tokens: signature, algorithm, issuer, audience, expiry and nonce.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use time::OffsetDateTime;

use crate::domain::Email;

/// The largest accepted difference between the clocks of the issuer and of this service.
const LEEWAY_SECONDS: i64 = 60;

/// The identity of a person according to the issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The URL of the issuer.
    pub issuer: String,
    /// The issuer's id of the person (`sub`), which is never reassigned.
    pub subject: String,
    /// The e-mail address, which the issuer has verified.
    pub email: Email,
}

/// The expected values of an ID token.
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

/// Why an ID token is invalid.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum InvalidIdToken {
    /// The issuer has no key with the id in the token.
    UnknownKey,
    /// Any other reason. The text contains no data of the token.
    Other(&'static str),
}

impl Expected<'_> {
    /// Verifies a token and returns the identity in it.
    pub(super) fn verify(&self, token: &str, keys: &JwkSet) -> Result<Identity, InvalidIdToken> {
        let header = jsonwebtoken::decode_header(token)
            .map_err(|_| InvalidIdToken::Other("is not a JWT"))?;
        if header.alg != self.algorithm {
            return Err(InvalidIdToken::Other(
                "is signed with another algorithm than oidc.algorithm",
            ));
        }
        let key = match &header.kid {
            Some(id) => keys.find(id),
            // A token does not have to name the key of an issuer that has only one.
            None => keys.keys.first().filter(|_| keys.keys.len() == 1),
        };
        let key = DecodingKey::from_jwk(key.ok_or(InvalidIdToken::UnknownKey)?)
            .map_err(|_| InvalidIdToken::Other("is signed with a key of another type"))?;
        let mut validation = Validation::new(self.algorithm);
        validation.set_issuer(&[self.issuer]);
        validation.set_audience(&[self.client_id]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Checked below against `now`.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
            .map_err(|_| InvalidIdToken::Other("has a wrong signature, issuer or audience"))?
            .claims;
        let now = self.now.unix_timestamp();
        let valid_from = claims.nbf.unwrap_or(claims.iat).max(claims.iat);
        if now >= claims.exp + LEEWAY_SECONDS || valid_from > now + LEEWAY_SECONDS {
            return Err(InvalidIdToken::Other("is expired or not valid yet"));
        }
        if claims.nonce != self.nonce {
            return Err(InvalidIdToken::Other("belongs to another sign-in"));
        }
        if !claims.aud.is_only(self.client_id) {
            return Err(InvalidIdToken::Other("has further audiences"));
        }
        let email = claims.email.filter(|_| claims.email_verified);
        let email = email.and_then(|email| unambiguous_email(&email));
        Ok(Identity {
            issuer: self.issuer.to_owned(),
            subject: claims.sub,
            email: email.ok_or(InvalidIdToken::Other("has no verified e-mail address"))?,
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

/// Parses an address. Returns `None` if its lower case may be another person's address: the lower case of the
/// Kelvin sign is an ASCII `k`.
fn unambiguous_email(text: &str) -> Option<Email> {
    let email = Email::parse(text).ok()?;
    let local = |address: &str| address.rsplit_once('@').map(|(local, _)| local.is_ascii());
    (local(text) == local(email.as_str())).then_some(email)
}
