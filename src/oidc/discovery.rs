//! What an issuer says of itself: its endpoints and its keys (OpenID Connect Discovery 1.0).

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;

use super::OidcError;
use crate::ambient::Stopwatch;

/// How long keys are used without a look for newer ones.
const FRESH: Duration = Duration::from_hours(1);
/// How soon a key that is not known is looked for again: anybody can name one.
const PAUSE: Duration = Duration::from_secs(10);

/// An issuer, as it was last heard of.
pub(super) struct Issuer {
    url: String,
    http: reqwest::Client,
    known: ArcSwapOption<Known>,
    /// Since it was last asked for a key that was not known.
    asked_again: ArcSwapOption<Stopwatch>,
}

/// What an issuer said.
pub(super) struct Known {
    pub(super) endpoints: Endpoints,
    pub(super) keys: JwkSet,
    age: Stopwatch,
}

/// The part of a discovery document that we use.
#[derive(Deserialize)]
pub(super) struct Endpoints {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    jwks_uri: String,
}

impl Issuer {
    pub(super) fn new(url: String, http: reqwest::Client) -> Self {
        Self {
            url,
            http,
            known: ArcSwapOption::empty(),
            asked_again: ArcSwapOption::empty(),
        }
    }

    /// What it says; it is asked once an hour. While it is down, what it said before counts.
    pub(super) async fn known(&self) -> Result<Arc<Known>, OidcError> {
        match self.known.load_full() {
            Some(known) if known.age.elapsed() < FRESH => Ok(known),
            Some(known) => Ok(self.renewed().await.unwrap_or(known)),
            None => self.renewed().await,
        }
    }

    /// What it says now, for it may have a new key.
    pub(super) async fn asked_again(&self) -> Result<Arc<Known>, OidcError> {
        let last = self.asked_again.load_full();
        if last.is_some_and(|last| last.elapsed() < PAUSE) {
            return self.known().await;
        }
        self.asked_again.store(Some(Arc::default()));
        self.renewed().await
    }

    async fn renewed(&self) -> Result<Arc<Known>, OidcError> {
        let known = Arc::new(self.ask().await?);
        self.known.store(Some(Arc::clone(&known)));
        Ok(known)
    }

    async fn ask(&self) -> Result<Known, OidcError> {
        let document = "/.well-known/openid-configuration";
        let url = format!("{}{document}", self.url.trim_end_matches('/'));
        let endpoints: Endpoints = self.get(&url).await?;
        if endpoints.issuer != self.url {
            return Err(OidcError::Issuer("it names itself otherwise".to_owned()));
        }
        let keys = self.get(&endpoints.jwks_uri).await?;
        Ok(Known {
            endpoints,
            keys,
            age: Stopwatch::default(),
        })
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, OidcError> {
        let answer = self.http.get(url).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }
}
