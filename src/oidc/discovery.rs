//! Reads the endpoints and the keys of an issuer (OpenID Connect Discovery 1.0).

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::OidcError;
use crate::ambient::Stopwatch;
use crate::config::is_safe_url;

/// Metadata of this age is refreshed.
const REFRESH_AFTER: Duration = Duration::from_hours(1);
/// Metadata is used up to this age if the issuer is unavailable.
const MAX_AGE: Duration = Duration::from_hours(24);
/// The minimum time between two refreshes, because anybody can send a token with an unknown key id, and because
/// the issuer may be unavailable.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(10);
/// The maximum size of a response.
const MAX_BYTES: usize = 256 * 1024;

/// An issuer with its cached metadata.
pub(super) struct Issuer {
    url: String,
    http: reqwest::Client,
    metadata: ArcSwapOption<Metadata>,
    /// The time since the last refresh of cached metadata.
    last_refresh: ArcSwapOption<Stopwatch>,
}

/// The metadata of an issuer.
pub(super) struct Metadata {
    pub(super) endpoints: Endpoints,
    pub(super) keys: JwkSet,
    age: Stopwatch,
}

/// The members of a discovery document that are used.
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
            metadata: ArcSwapOption::empty(),
            last_refresh: ArcSwapOption::empty(),
        }
    }

    /// The metadata, which is refreshed once an hour. While the issuer is unavailable, cached metadata is used for a
    /// day.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, OidcError> {
        let cached = self.metadata.load_full();
        match cached.filter(|cached| cached.age.elapsed() < MAX_AGE) {
            Some(cached) if cached.age.elapsed() < REFRESH_AFTER || !self.may_refresh() => {
                Ok(cached)
            }
            Some(cached) => Ok(self.refresh().await.unwrap_or(cached)),
            None => self.refresh().await,
        }
    }

    /// Refreshed metadata, because the issuer may have a new key.
    pub(super) async fn refreshed_metadata(&self) -> Result<Arc<Metadata>, OidcError> {
        if self.may_refresh() {
            self.refresh().await
        } else {
            self.metadata().await
        }
    }

    fn may_refresh(&self) -> bool {
        let last = self.last_refresh.load_full();
        let may_refresh = last.is_none_or(|last| last.elapsed() >= MIN_REFRESH_INTERVAL);
        if may_refresh {
            self.last_refresh.store(Some(Arc::default()));
        }
        may_refresh
    }

    async fn refresh(&self) -> Result<Arc<Metadata>, OidcError> {
        let metadata = Arc::new(self.fetch().await?);
        self.metadata.store(Some(Arc::clone(&metadata)));
        Ok(metadata)
    }

    async fn fetch(&self) -> Result<Metadata, OidcError> {
        let document = "/.well-known/openid-configuration";
        let url = format!("{}{document}", self.url.trim_end_matches('/'));
        let endpoints: Endpoints = self.get(&url).await?;
        if endpoints.issuer != self.url {
            return Err(OidcError::Issuer(
                "its discovery document names another issuer".to_owned(),
            ));
        }
        let urls = [
            &endpoints.authorization_endpoint,
            &endpoints.token_endpoint,
            &endpoints.jwks_uri,
        ];
        if !urls.into_iter().all(|url| is_safe_url(url)) {
            return Err(OidcError::Issuer(
                "its endpoints do not use https".to_owned(),
            ));
        }
        let keys = self.get(&endpoints.jwks_uri).await?;
        Ok(Metadata {
            endpoints,
            keys,
            age: Stopwatch::default(),
        })
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, OidcError> {
        read(self.http.get(url).send().await?).await
    }
}

/// Parses a successful response of at most [`MAX_BYTES`].
pub(super) async fn read<T: DeserializeOwned>(response: reqwest::Response) -> Result<T, OidcError> {
    let mut response = response.error_for_status()?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(OidcError::Issuer("its response is too large".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body)
        .map_err(|_| OidcError::Issuer("its response is not valid".to_owned()))
}
