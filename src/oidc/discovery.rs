//! What an issuer says of itself: its endpoints and its keys (OpenID Connect Discovery 1.0).

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::OidcError;
use crate::ambient::Stopwatch;
use crate::config::is_safe_url;

/// How long keys are used without a look for newer ones.
const FRESH: Duration = Duration::from_hours(1);
/// How long they are used while the issuer is down.
const GOOD: Duration = Duration::from_hours(24);
/// How soon it is asked again, for a key that is not known (anybody can name one) or while it is down.
const PAUSE: Duration = Duration::from_secs(10);
/// The largest answer that is read.
const MAX_BYTES: usize = 256 * 1024;

/// An issuer, as it was last heard of.
pub(super) struct Issuer {
    url: String,
    http: reqwest::Client,
    known: ArcSwapOption<Known>,
    /// Since it was last asked for more than what is known.
    last_asked: ArcSwapOption<Stopwatch>,
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
            last_asked: ArcSwapOption::empty(),
        }
    }

    /// What it says; it is asked once an hour. While it is down, what it said before counts for a day.
    pub(super) async fn known(&self) -> Result<Arc<Known>, OidcError> {
        let known = self.known.load_full();
        match known.filter(|known| known.age.elapsed() < GOOD) {
            Some(known) if known.age.elapsed() < FRESH || !self.may_ask() => Ok(known),
            Some(known) => Ok(self.renewed().await.unwrap_or(known)),
            None => self.renewed().await,
        }
    }

    /// What it says now, for it may have a new key.
    pub(super) async fn asked_again(&self) -> Result<Arc<Known>, OidcError> {
        if self.may_ask() {
            self.renewed().await
        } else {
            self.known().await
        }
    }

    fn may_ask(&self) -> bool {
        let last = self.last_asked.load_full();
        let may_ask = last.is_none_or(|last| last.elapsed() >= PAUSE);
        if may_ask {
            self.last_asked.store(Some(Arc::default()));
        }
        may_ask
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
        let urls = [
            &endpoints.authorization_endpoint,
            &endpoints.token_endpoint,
            &endpoints.jwks_uri,
        ];
        if !urls.into_iter().all(|url| is_safe_url(url)) {
            return Err(OidcError::Issuer("its endpoints are not https".to_owned()));
        }
        let keys = self.get(&endpoints.jwks_uri).await?;
        Ok(Known {
            endpoints,
            keys,
            age: Stopwatch::default(),
        })
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, OidcError> {
        read(self.http.get(url).send().await?).await
    }
}

/// Reads an answer that went well, up to a size that no honest one has.
pub(super) async fn read<T: DeserializeOwned>(answer: reqwest::Response) -> Result<T, OidcError> {
    let mut answer = answer.error_for_status()?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(OidcError::Issuer("its answer is too large".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body)
        .map_err(|_| OidcError::Issuer("its answer is not what it should be".to_owned()))
}
