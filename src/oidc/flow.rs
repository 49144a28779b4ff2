//! The way to the issuer and back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rand::RngExt;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::OidcError;
use super::discovery::{Issuer, Known, read};
use super::id_token::{Expected, Identity, Refusal};
use crate::ambient;
use crate::config::{Oidc, OidcAlgorithm, Secret};

/// Signing in by the word of one issuer.
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

/// A sign-in that is on its way through the issuer. Its browser keeps it; nobody else knows it.
pub struct PendingSignIn {
    state: String,
    nonce: String,
    verifier: String,
}

#[derive(Deserialize)]
struct TokenAnswer {
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

    /// As a cookie keeps it.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}.{}.{}", self.state, self.nonce, self.verifier)
    }

    /// What a cookie kept.
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
    /// Prepares it, if it is configured. The issuer need not be up.
    ///
    /// # Errors
    /// If no HTTP client can be made.
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
            // A redirect would take the secret along.
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

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Begins a sign-in: where to send the browser, and what it is to keep meanwhile.
    ///
    /// # Errors
    /// If the issuer does not answer.
    pub async fn begin(&self) -> Result<(String, PendingSignIn), OidcError> {
        let known = self.issuer.known().await?;
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
            .get(&known.endpoints.authorization_endpoint)
            .query(&parameters)
            .build()?;
        Ok((url.url().to_string(), pending))
    }

    /// Ends a sign-in, with what the browser kept and what the issuer sent along with it.
    ///
    /// # Errors
    /// If it did not begin in this browser, the issuer does not answer, or its word is not good.
    pub async fn finish(
        &self,
        pending: Option<PendingSignIn>,
        state: &str,
        code: Result<&str, &str>,
    ) -> Result<Identity, OidcError> {
        let pending = pending.filter(|pending| pending.state == state);
        let pending = pending.ok_or(OidcError::NotPending)?;
        let code = code.map_err(|error| OidcError::Refused(error.to_owned()))?;
        let known = self.issuer.known().await?;
        let token = self.exchange(&known, code, &pending.verifier).await?;
        let expected = Expected {
            algorithm: self.algorithm,
            issuer: &self.issuer_url,
            client_id: &self.client_id,
            nonce: &pending.nonce,
            now: ambient::now(),
        };
        let mut judged = expected.judge(&token, &known.keys);
        if judged == Err(Refusal::UnknownKey) {
            judged = expected.judge(&token, &self.issuer.asked_again().await?.keys);
        }
        judged.map_err(|refusal| {
            let why = match refusal {
                Refusal::UnknownKey => "signed with an unknown key",
                Refusal::Bad(why) => why,
            };
            OidcError::Refused(format!("the ID token is {why}"))
        })
    }

    /// The ID token for a code (RFC 6749, section 4.1.3).
    async fn exchange(
        &self,
        known: &Known,
        code: &str,
        verifier: &str,
    ) -> Result<String, OidcError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_url),
            ("code_verifier", verifier),
        ];
        let answer = self
            .http
            .post(&known.endpoints.token_endpoint)
            .basic_auth(
                encoded(&self.client_id),
                Some(encoded(self.client_secret.expose())),
            )
            .form(&form)
            .send()
            .await?;
        if answer.status().is_client_error() {
            return Err(OidcError::Refused("the code is not good".to_owned()));
        }
        let answer: TokenAnswer = read(answer).await?;
        Ok(answer.id_token)
    }
}

/// As credentials are sent (RFC 6749, section 2.3.1).
fn encoded(text: &str) -> String {
    const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(text, UNSAFE).to_string()
}
