//! Suppressions: keyed hashes of the identifiers of erased contacts.

use hmac::{Hmac, KeyInit, Mac};
use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::CompanyId;

/// The secrets of the hashes. The first one creates hashes, all of them find stored ones.
#[derive(Clone)]
pub struct SuppressionKeys {
    current: Hmac<Sha256>,
    retired: Vec<Hmac<Sha256>>,
}

/// The hash of one identifier of one company's contact.
pub type IdentifierDigest = Vec<u8>;

impl SuppressionKeys {
    /// Creates hashes with `current`, and finds hashes under any of these secrets.
    #[must_use]
    pub fn new(current: &SecretString, retired: &[SecretString]) -> Self {
        Self {
            current: keyed(current),
            retired: retired.iter().map(keyed).collect(),
        }
    }

    /// Random keys, for callers that never hash.
    #[must_use]
    pub fn unknown(random: &mut impl CryptoRng) -> Self {
        let mut secret = [0; 32];
        random.fill_bytes(&mut secret);
        Self::new(&SecretString::from(hex::encode(secret)), &[])
    }

    /// The hash to store for an identifier: HMAC-SHA-256 of it and its company under the current secret. An
    /// e-mail address never equals a phone.
    #[must_use]
    pub fn digest(&self, company: CompanyId, identifier: &str) -> IdentifierDigest {
        digest(&self.current, company, identifier)
    }

    /// All hashes under which these identifiers may be stored.
    #[must_use]
    pub fn digests<'a>(
        &self,
        company: CompanyId,
        identifiers: impl IntoIterator<Item = &'a str>,
    ) -> Vec<IdentifierDigest> {
        let keys = || std::iter::once(&self.current).chain(&self.retired);
        identifiers
            .into_iter()
            .flat_map(|identifier| keys().map(move |keyed| digest(keyed, company, identifier)))
            .collect()
    }
}

/// An HMAC that is keyed already, which saves half of the work.
fn keyed(secret: &SecretString) -> Hmac<Sha256> {
    let secret = secret.expose_secret().as_bytes();
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    Hmac::new_from_slice(secret).expect("a key of any length")
}

fn digest(keyed: &Hmac<Sha256>, company: CompanyId, identifier: &str) -> IdentifierDigest {
    let mut mac = keyed.clone();
    mac.update(format!("{company}:").as_bytes());
    mac.update(identifier.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
