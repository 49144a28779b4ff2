//! What is kept of an erased contact: hashes that nobody can turn back.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::CompanyId;

/// The secrets that key the hashes: the first makes new ones, all find old ones.
#[derive(Clone)]
pub struct SuppressionKeys {
    current: SecretString,
    retired: Vec<SecretString>,
}

/// The hash of one identifier of one company's contact.
pub type IdentifierDigest = Vec<u8>;

impl SuppressionKeys {
    /// Hashes with `current`, and finds what was hashed with any.
    #[must_use]
    pub const fn new(current: SecretString, retired: Vec<SecretString>) -> Self {
        Self { current, retired }
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
        let secrets = || std::iter::once(&self.current).chain(&self.retired);
        identifiers
            .into_iter()
            .flat_map(|identifier| secrets().map(move |secret| digest(secret, company, identifier)))
            .collect()
    }
}

fn digest(secret: &SecretString, company: CompanyId, identifier: &str) -> IdentifierDigest {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .expect("a key of any length");
    mac.update(format!("{company}:{identifier}").as_bytes());
    mac.finalize().into_bytes().to_vec()
}
