//! The authorization code flow: the redirect to the issuer and back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rand::RngExt;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::OidcError;
use super::discovery::{Issuer, Metadata, read};
use super::id_token::{Expected, Identity, InvalidIdToken};
use crate::ambient;
use crate::config::{Oidc, OidcAlgorithm, Secret};

/// Single sign-on through one issuer.
pub struct SingleSignOn {
    issuer_url: String,
    client_id: String,
    client_secret: Secret,
    redirect_url: String,
    algorithm: Algorithm,
    name: String,
    http: reqwest::Client,
    issuer: Issuer,
}

/// A sign-in that has started and is not finished. Only its browser stores it.
pub struct PendingSignIn {
    state: String,
    nonce: String,
    verifier: String,
}

#[derive(Deserialize)]
struct TokenResponse {
    id_token: String,
}

impl PendingSignIn {
    fn new() -> Self {
        let random = || {
            let bytes: [u8; 32] = ambient::random().random();
            URL_SAFE_NO_PAD.encode(bytes)
        };
        Self {
            state: random(),
            nonce: random(),
            verifier: random(),
        }
    }

    /// The value of the cookie that stores it.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}.{}.{}", self.state, self.nonce, self.verifier)
    }

    /// Parses the value of the cookie; `None` if it is malformed.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(str::to_owned);
        let pending = Self {
            state: parts.next()?,
            nonce: parts.next()?,
            verifier: parts.next()?,
        };
        let values = [&pending.state, &pending.nonce, &pending.verifier];
        let is_whole = parts.next().is_none() && values.iter().all(|value| !value.is_empty());
        is_whole.then_some(pending)
    }
}

impl SingleSignOn {
    /// Creates the client if `oidc.issuer` is set. The issuer does not have to be reachable.
    ///
    /// # Errors
    /// If no HTTP client can be created.
    pub fn new(settings: &Oidc) -> anyhow::Result<Option<Self>> {
        let (Some(issuer), Some(client_id), Some(client_secret), Some(redirect_url)) = (
            settings.issuer.clone(),
            settings.client_id.clone(),
            settings.client_secret.clone(),
            settings.redirect_url.clone(),
        ) else {
            return Ok(None);
        };
        let http = reqwest::Client::builder()
            .timeout(settings.timeout)
            // A redirect would send the secret to another server.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Some(Self {
            issuer: Issuer::new(issuer.clone(), http.clone()),
            issuer_url: issuer,
            client_id,
            client_secret,
            redirect_url,
            algorithm: match settings.algorithm {
                OidcAlgorithm::RS256 => Algorithm::RS256,
                OidcAlgorithm::PS256 => Algorithm::PS256,
                OidcAlgorithm::ES256 => Algorithm::ES256,
                OidcAlgorithm::EdDSA => Algorithm::EdDSA,
            },
            name: settings.name.clone(),
            http,
        }))
    }

    /// The name on the sign-in button.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Starts a sign-in. Returns the URL to redirect the browser to, and the state that it has to store.
    ///
    /// # Errors
    /// If the issuer does not answer.
    pub async fn begin(&self) -> Result<(String, PendingSignIn), OidcError> {
        let metadata = self.issuer.metadata().await?;
        let pending = PendingSignIn::new();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&pending.verifier));
        let parameters = [
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_url),
            ("scope", "openid email"),
            ("state", &pending.state),
            ("nonce", &pending.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let url = self
            .http
            .get(&metadata.endpoints.authorization_endpoint)
            .query(&parameters)
            .build()?;
        Ok((url.url().to_string(), pending))
    }

    /// Finishes a sign-in with the state that the browser stored and the parameters of the issuer's redirect: `state`,
    /// and `code` or the issuer's error.
    ///
    /// # Errors
    /// If the sign-in did not start in this browser, the issuer does not answer, or its ID token is invalid.
    pub async fn finish(
        &self,
        pending: Option<PendingSignIn>,
        state: &str,
        code: Result<&str, &str>,
    ) -> Result<Identity, OidcError> {
        let pending = pending.filter(|pending| pending.state == state);
        let pending = pending.ok_or(OidcError::NotPending)?;
        let code = code.map_err(|error| OidcError::Refused(error.to_owned()))?;
        let metadata = self.issuer.metadata().await?;
        let token = self.exchange(&metadata, code, &pending.verifier).await?;
        let expected = Expected {
            algorithm: self.algorithm,
            issuer: &self.issuer_url,
            client_id: &self.client_id,
            nonce: &pending.nonce,
            now: ambient::now(),
        };
        let mut verified = expected.verify(&token, &metadata.keys);
        if verified == Err(InvalidIdToken::UnknownKey) {
            verified = expected.verify(&token, &self.issuer.refreshed_metadata().await?.keys);
        }
        verified.map_err(|error| {
            let why = match error {
                InvalidIdToken::UnknownKey => "is signed with an unknown key",
                InvalidIdToken::Other(why) => why,
            };
            OidcError::Refused(format!("the ID token {why}"))
        })
    }

    /// Exchanges a code for an ID token (RFC 6749, section 4.1.3).
    async fn exchange(
        &self,
        metadata: &Metadata,
        code: &str,
        verifier: &str,
    ) -> Result<String, OidcError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_url),
            ("code_verifier", verifier),
        ];
        let response = self
            .http
            .post(&metadata.endpoints.token_endpoint)
            .basic_auth(
                encoded(&self.client_id),
                Some(encoded(self.client_secret.expose())),
            )
            .form(&form)
            .send()
            .await?;
        if response.status().is_client_error() {
            return Err(OidcError::Refused(
                "the issuer rejected the authorization code".to_owned(),
            ));
        }
        let response: TokenResponse = read(response).await?;
        Ok(response.id_token)
    }
}

/// Encodes client credentials (RFC 6749, section 2.3.1).
fn encoded(text: &str) -> String {
    const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(text, UNSAFE).to_string()
}
