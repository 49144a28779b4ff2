//! The settings of single sign-on (OpenID Connect).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Secret;
use super::formats::duration;

/// The path to which the issuer redirects the browser.
const CALLBACK: &str = "/console/oidc/callback";

/// Single sign-on with OpenID Connect.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Oidc {
    pub issuer: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<Secret>,
    pub redirect_url: Option<String>,
    pub algorithm: OidcAlgorithm,
    pub name: String,
    #[serde(with = "duration")]
    pub timeout: Duration,
}

/// The signature algorithm of ID tokens. Only asymmetric algorithms are supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[expect(missing_docs, reason = "RFC 7518 and RFC 8037 name them")]
pub enum OidcAlgorithm {
    RS256,
    PS256,
    ES256,
    EdDSA,
}

impl Oidc {
    /// Checks rules that involve several settings, or that the type cannot express.
    pub(super) fn check(&self) -> Result<(), String> {
        let Some(issuer) = &self.issuer else {
            return Ok(());
        };
        if !is_safe_url(issuer) {
            return Err(
                "oidc.issuer: must begin with https:// (http:// is accepted only for this machine)"
                    .to_owned(),
            );
        }
        if self.client_id.is_none() || self.client_secret.is_none() {
            return Err(
                "oidc.client_id, oidc.client_secret: set both beside oidc.issuer".to_owned(),
            );
        }
        let redirect = self.redirect_url.as_deref().unwrap_or_default();
        if !is_safe_url(redirect) || !redirect.ends_with(CALLBACK) {
            return Err(format!(
                "oidc.redirect_url: must be the console's address, such as https://admin.example.com{CALLBACK}"
            ));
        }
        Ok(())
    }
}

/// Whether requests to a URL cannot be intercepted: it is https, or it is on this machine.
#[must_use]
pub fn is_safe_url(url: &str) -> bool {
    let local = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    url.starts_with("https://") || local.iter().any(|prefix| url.starts_with(prefix))
}
