//! The keys that sign and verify access tokens.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::config::{Auth, KeyList};

/// The algorithm, the signing key and all verifying keys.
pub(super) struct SessionKeys {
    pub(super) algorithm: Algorithm,
    /// The id of the signing key (`kid`).
    pub(super) key_id: String,
    pub(super) signing: EncodingKey,
    /// The verifying keys by `kid`. A token names the key that signed it, so that keys can be rotated.
    pub(super) verifying: BTreeMap<String, DecodingKey>,
}

impl SessionKeys {
    /// Loads the keys: Ed25519 from PEM files if they are configured, else the secrets in
    /// `auth.jwt_key`.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(super) fn new(settings: &Auth) -> anyhow::Result<Self> {
        match &settings.jwt_private_key {
            Some(private) => Self::from_files(private, &settings.jwt_public_keys),
            None => Ok(Self::from_secrets(&settings.jwt_key)),
        }
    }

    /// HS256: the first secret signs, all secrets verify.
    pub(super) fn from_secrets(secrets: &KeyList) -> Self {
        let bytes = |secret: &SecretString| secret.expose_secret().as_bytes().to_vec();
        let current = bytes(secrets.current());
        let all = std::iter::once(current.clone()).chain(secrets.retired().iter().map(bytes));
        Self {
            algorithm: Algorithm::HS256,
            key_id: key_id(&current),
            signing: EncodingKey::from_secret(&current),
            verifying: all
                .map(|secret| (key_id(&secret), DecodingKey::from_secret(&secret)))
                .collect(),
        }
    }

    /// `EdDSA`: the private key signs, all public keys verify. The first public key belongs to the private key.
    fn from_files(private: &Path, public: &[std::path::PathBuf]) -> anyhow::Result<Self> {
        let mut verifying = Vec::new();
        for path in public {
            let pem = read(path, "auth.jwt_public_keys")?;
            let key = DecodingKey::from_ed_pem(&pem).ok().with_context(|| {
                format!(
                    "{} (auth.jwt_public_keys) holds no Ed25519 public key in PEM",
                    path.display()
                )
            })?;
            verifying.push((key_id(&pem), key));
        }
        let (key_id, _) = verifying
            .first()
            .context("auth.jwt_public_keys: set it beside auth.jwt_private_key")?;
        let pem = read(private, "auth.jwt_private_key")?;
        let signing = EncodingKey::from_ed_pem(&pem).ok().with_context(|| {
            format!(
                "{} (auth.jwt_private_key) holds no Ed25519 private key in PEM",
                private.display()
            )
        })?;
        Ok(Self {
            algorithm: Algorithm::EdDSA,
            key_id: key_id.clone(),
            signing,
            verifying: verifying.into_iter().collect(),
        })
    }
}

fn read(path: &Path, setting: &str) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {} ({setting})", path.display()))
}

/// The `kid` of a key: 64 bits of its hash, which do not reveal the key.
pub(super) fn key_id(key: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"id of a key of access tokens:");
    hash.update(key);
    hex::encode(&hash.finalize()[..8])
}
