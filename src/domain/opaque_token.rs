//! Tokens of administrators: random ones, whose digest is stored, and signed ones.

use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// 256 random bits, for which a fast hash is sufficient.
const BYTES: usize = 32;

/// The SHA-256 of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The digest of the text of a token.
    #[must_use]
    pub(super) fn of(text: &SecretString) -> Self {
        Self(Sha256::digest(text.expose_secret()).into())
    }

    /// A stored digest. `None` if its length is wrong.
    #[must_use]
    pub fn stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes that are stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl ConstantTimeEq for TokenDigest {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

/// Defines a kind of random token.
macro_rules! define_opaque_token {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Debug, Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// Makes a token.
            pub fn generate(random: &mut impl CryptoRng) -> Self {
                Self(random_text(random))
            }

            /// A received token, which may be invalid.
            #[must_use]
            pub const fn presented(text: SecretString) -> Self {
                Self(text)
            }

            /// The token, to send to its holder.
            #[must_use]
            pub const fn text(&self) -> &SecretString {
                &self.0
            }

            /// The digest to store.
            #[must_use]
            pub fn digest(&self) -> TokenDigest {
                TokenDigest::of(&self.0)
            }
        }
    };
}

define_opaque_token!(
    /// A refresh token: exchanged once for the next pair of tokens.
    RefreshToken
);
define_opaque_token!(
    /// An invitation: sets the password of an administrator, once.
    InvitationToken
);

fn random_text(random: &mut impl CryptoRng) -> SecretString {
    let mut bytes = [0; BYTES];
    random.fill_bytes(&mut bytes);
    hex::encode(bytes).into()
}

/// The bearer token of an administrator's requests: signed, and valid for minutes.
#[derive(Debug, Clone)]
pub struct AccessToken(SecretString);

impl AccessToken {
    /// Wraps a signed token, or a received one.
    #[must_use]
    pub const fn new(text: SecretString) -> Self {
        Self(text)
    }

    /// The token, to send to its holder.
    #[must_use]
    pub const fn text(&self) -> &SecretString {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_depends_on_the_text_alone_and_is_read_as_it_is_stored() {
        let digest = |text: &str| RefreshToken::presented(text.into()).digest();
        assert_eq!(digest("a token"), digest("a token"));
        assert_ne!(digest("a token"), digest("another token"));
        let stored = digest("a token");
        assert_eq!(TokenDigest::stored(stored.as_bytes()), Some(stored));
        assert_eq!(TokenDigest::stored(&[0; 31]), None);
    }

    #[test]
    fn what_is_logged_of_a_token_or_a_hash_tells_nothing() {
        let token = InvitationToken::presented("a token".into());
        assert!(!format!("{token:?}").contains("a token"));
        let hash = crate::domain::SecretHash::new("$argon2id$".to_owned());
        assert!(!format!("{hash:?}").contains("argon2id"));
    }
}
