//! API tokens: `mn-<client id>-<secret>`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use rand::distr::{Alphanumeric, SampleString};
use rand::{CryptoRng, RngExt};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use super::TokenDigest;

const PREFIX: &str = "mn-";
const CLIENT_ID_LENGTH: usize = 12;
/// 43 characters of base62 hold 256 random bits.
const SECRET_LENGTH: usize = 43;
const CHECKSUM_LENGTH: usize = 6;
const TOKEN_LENGTH: usize = PREFIX.len() + CLIENT_ID_LENGTH + 1 + SECRET_LENGTH + CHECKSUM_LENGTH;
/// RFC 4648, in lower case.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The public half of a key: 12 characters of base32, which logs may contain.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientId(Arc<str>);

/// A text that is no client id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a client id: 12 characters of a-z and 2-7, the part of a key between mn- and the secret"
)]
pub struct InvalidClientId;

impl ClientId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = InvalidClientId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_valid =
            text.len() == CLIENT_ID_LENGTH && text.bytes().all(|byte| BASE32.contains(&byte));
        if is_valid {
            Ok(Self(text.into()))
        } else {
            Err(InvalidClientId)
        }
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for ClientId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A token with a valid checksum. Its secret still has to be compared with the stored hash.
#[derive(Clone)]
pub struct ApiToken {
    client_id: ClientId,
    text: SecretString,
}

impl ApiToken {
    /// The public half.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The secret half, without its checksum: what is hashed and stored.
    #[must_use]
    pub fn secret(&self) -> SecretString {
        let text = self.text.expose_secret();
        text[text.len() - SECRET_LENGTH - CHECKSUM_LENGTH..text.len() - CHECKSUM_LENGTH].into()
    }

    /// The whole token, as its holder sends it. The service returns it only when it creates the key.
    #[must_use]
    pub const fn whole(&self) -> &SecretString {
        &self.text
    }

    /// The SHA-256 digest of the whole token, its key in the cache of verified keys.
    #[must_use]
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(&self.text)
    }
}

/// A secret of the deployment that keys the checksums of tokens.
#[derive(Clone)]
pub struct TokenKey(Hmac<Sha256>);

impl TokenKey {
    /// Wraps a secret. Keying the HMAC once saves half of each one.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        Self(Hmac::new_from_slice(secret).expect("any length"))
    }

    /// A fingerprint of this secret, stored with each API key that was created under it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("{:016x}", self.mac(b"fingerprint of a token key"))
    }

    fn checksum(&self, unsigned: &str) -> [u8; CHECKSUM_LENGTH] {
        let mut number = self.mac(unsigned.as_bytes());
        let mut checksum = [0; CHECKSUM_LENGTH];
        for character in checksum.iter_mut().rev() {
            // The remainder is below 62.
            *character = BASE62[(number % 62) as usize];
            number /= 62;
        }
        checksum
    }

    /// The first 64 bits of the HMAC-SHA256 of a message.
    fn mac(&self, message: &[u8]) -> u64 {
        let mut mac = self.0.clone();
        mac.update(message);
        let mac = mac.finalize().into_bytes();
        mac.iter()
            .take(8)
            .fold(0, |bits, byte| bits << 8 | u64::from(*byte))
    }
}

/// The deployment's token keys: the first signs, all verify.
#[derive(Clone)]
pub struct TokenKeys {
    signing: TokenKey,
    retired: Vec<TokenKey>,
}

impl TokenKeys {
    /// Wraps the signing key, and those that are being replaced.
    #[must_use]
    pub const fn new(signing: TokenKey, retired: Vec<TokenKey>) -> Self {
        Self { signing, retired }
    }

    /// The key that signs.
    #[must_use]
    pub const fn signing(&self) -> &TokenKey {
        &self.signing
    }

    /// All keys, the signing one first.
    pub fn iter(&self) -> impl Iterator<Item = &TokenKey> {
        std::iter::once(&self.signing).chain(&self.retired)
    }

    /// Creates a token with a random client id and secret.
    pub fn issue(&self, random: &mut impl CryptoRng) -> ApiToken {
        let client_id: String = (0..CLIENT_ID_LENGTH)
            .map(|_| char::from(BASE32[random.random_range(0..32)]))
            .collect();
        let secret = Alphanumeric.sample_string(random, SECRET_LENGTH);
        let mut text = format!("{PREFIX}{client_id}-{secret}");
        let checksum = self.signing.checksum(&text);
        text.extend(checksum.map(char::from));
        ApiToken {
            client_id: ClientId(client_id.into()),
            text: text.into(),
        }
    }

    /// Parses a token and verifies its checksum. `None` if this deployment did not create it.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<ApiToken> {
        if text.len() != TOKEN_LENGTH || !text.is_ascii() {
            return None;
        }
        let rest = text.strip_prefix(PREFIX)?;
        let (client_id, secret) = rest.split_once('-')?;
        let client_id = client_id.parse().ok()?;
        if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let (unsigned, checksum) = text.split_at(TOKEN_LENGTH - CHECKSUM_LENGTH);
        let is_ours = self.iter().fold(Choice::from(0), |is_ours, key| {
            is_ours | key.checksum(unsigned).ct_eq(checksum.as_bytes())
        });
        bool::from(is_ours).then(|| ApiToken {
            client_id,
            text: text.into(),
        })
    }
}
