//! HTTPS on the public port and the admin port. The certificate is reloaded when its files change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use time::OffsetDateTime;
use tracing::{error, info};

use crate::metrics::Metrics;

/// The files are polled, because Kubernetes replaces the symbolic link of a mounted secret, not the file.
const POLL: Duration = Duration::from_secs(2);

/// Installs aws-lc-rs as the cryptography provider of the process. Further calls have no effect.
pub(crate) fn install_cryptography() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// The certificate in use, and its files.
pub(crate) struct Certificate {
    chain_path: PathBuf,
    key_path: PathBuf,
    loaded: Pem,
    current: ArcSwap<CertifiedKey>,
    metrics: Arc<Metrics>,
}

impl Certificate {
    /// Reads a certificate chain and its key from PEM files.
    pub(crate) fn load(
        chain_path: PathBuf,
        key_path: PathBuf,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Arc<Self>> {
        let loaded = Pem::read(&chain_path, &key_path)?;
        let current = loaded.certified_key()?;
        metrics
            .process
            .set_certificate_expiry(expires_at(&current)?);
        Ok(Arc::new(Self {
            chain_path,
            key_path,
            loaded,
            current: ArcSwap::from_pointee(current),
            metrics,
        }))
    }

    /// The configuration of a server that always presents the current certificate.
    pub(crate) fn server_config(self: &Arc<Self>) -> ServerConfig {
        let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(self) as _;
        ServerConfig::builder()
            .with_no_client_auth()
            .with_cert_resolver(resolver)
    }

    /// Reloads the files when they change. If the certificate and the key do not match, for example because only one
    /// file has been replaced yet, the old pair stays in use. Never returns.
    pub(crate) async fn watch(self: Arc<Self>) {
        let read = || Pem::read(&self.chain_path, &self.key_path);
        let mut seen = Some(self.loaded.clone());
        loop {
            tokio::time::sleep(POLL).await;
            let now = read().ok();
            if now == seen {
                continue;
            }
            let load = || {
                let key = now.as_ref().context("a file is missing")?.certified_key()?;
                let expires_at = expires_at(&key)?;
                anyhow::Ok((key, expires_at))
            };
            match load() {
                Ok((key, expires_at)) => {
                    self.current.store(Arc::new(key));
                    self.metrics.process.set_certificate_expiry(expires_at);
                    info!("the TLS certificate was renewed");
                }
                Err(cause) => {
                    error!(%cause, "the new TLS certificate is invalid: the old one stays in use");
                }
            }
            seen = now;
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

/// When the certificate expires.
fn expires_at(key: &CertifiedKey) -> anyhow::Result<OffsetDateTime> {
    let leaf = key.cert.first().context("no certificate")?;
    let (_, leaf) = x509_parser::parse_x509_certificate(leaf)
        .context("http.tls_certificate contains a certificate that cannot be parsed")?;
    Ok(leaf.validity().not_after.to_datetime())
}

/// The content of the two files.
#[derive(Clone, PartialEq, Eq)]
struct Pem {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Pem {
    fn read(chain_path: &Path, key_path: &Path) -> anyhow::Result<Self> {
        let read = |path: &Path, setting| {
            std::fs::read(path)
                .with_context(|| format!("cannot read {} ({setting})", path.display()))
        };
        Ok(Self {
            certificate: read(chain_path, "http.tls_certificate")?,
            key: read(key_path, "http.tls_key")?,
        })
    }

    fn certified_key(&self) -> anyhow::Result<CertifiedKey> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .ok()
            .filter(|chain: &Vec<_>| !chain.is_empty())
            .context("http.tls_certificate contains no PEM certificate")?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .ok()
            .context("http.tls_key contains no PEM private key")?;
        let provider =
            CryptoProvider::get_default().context("no cryptography provider is installed")?;
        let key = provider.key_provider.load_private_key(key)?;
        let certified = CertifiedKey::new(chain, key);
        certified
            .keys_match()
            .context("http.tls_key does not match http.tls_certificate")?;
        Ok(certified)
    }
}

/// Prints no key.
impl std::fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Certificate(…)")
    }
}
