//! Random tokens of which only a hash is stored: refresh tokens and invitations.

use rand::CryptoRng;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

const BYTES: usize = 32;

/// A new token: 256 random bits, which no hash needs to be slow for.
pub struct OpaqueToken {
    /// What its holder gets, once.
    pub text: SecretString,
    /// What is stored.
    pub digest: Vec<u8>,
}

impl OpaqueToken {
    /// Makes a token.
    pub fn generate(random: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; BYTES];
        random.fill_bytes(&mut bytes);
        let text = hex::encode(bytes);
        Self {
            digest: digest_opaque(&text),
            text: SecretString::from(text),
        }
    }
}

/// What is stored of a token.
#[must_use]
pub fn digest_opaque(text: &str) -> Vec<u8> {
    Sha256::digest(text).to_vec()
}
