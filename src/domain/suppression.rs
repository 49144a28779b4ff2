//! What is kept of an erased contact: hashes that nobody can turn back.

use hmac::{Hmac, KeyInit, Mac};
use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::CompanyId;

/// The secrets that key the hashes: the first makes new ones, all find old ones.
#[derive(Clone)]
pub struct SuppressionKeys {
    current: Hmac<Sha256>,
    retired: Vec<Hmac<Sha256>>,
}

/// The hash of one identifier of one company's contact.
pub type IdentifierDigest = Vec<u8>;

impl SuppressionKeys {
    /// Hashes with `current`, and finds what was hashed with any.
    #[must_use]
    pub fn new(current: &SecretString, retired: &[SecretString]) -> Self {
        Self {
            current: keyed(current),
            retired: retired.iter().map(keyed).collect(),
        }
    }

    /// Keys that nobody knows, for who never hashes: their hashes match nothing that is kept.
    #[must_use]
    pub fn unknown(random: &mut impl CryptoRng) -> Self {
        let mut secret = [0; 32];
        random.fill_bytes(&mut secret);
        Self::new(&SecretString::from(hex::encode(secret)), &[])
    }

    /// The hash to keep of an identifier (an e-mail address or a phone, which never look alike):
    /// HMAC-SHA-256 under the current secret, another one for each company.
    #[must_use]
    pub fn digest(&self, company: CompanyId, identifier: &str) -> IdentifierDigest {
        digest(&self.current, company, identifier)
    }

    /// All hashes that may have been kept of some identifiers.
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

/// Keyed once, which saves half of each HMAC.
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
