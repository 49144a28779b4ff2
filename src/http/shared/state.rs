//! The state that handlers and middleware share.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;

use super::client_address::TrustedProxies;
use super::error::ApiError;
use super::failure_limit::FailureLimit;
use super::request_id;
use crate::administration::Administration;
use crate::ambient;
use crate::auth::{Authenticator, InvalidationPublisher};
use crate::domain::{AdminId, Origin, Quota};
use crate::fair_share::FairShares;
use crate::limits::{LocalLimiter, RateLimiter};
use crate::metrics::Metrics;
use crate::readiness::Readiness;
use crate::store::Store;

/// The state that handlers and middleware share.
pub struct AppState {
    /// The database.
    pub store: Store,
    /// Authenticates API keys.
    pub authenticator: Authenticator,
    /// The use cases of administrators.
    pub administration: Administration,
    /// The rate limiter of administrators.
    pub admin_calls: LocalLimiter<AdminId>,
    /// The rate limit of an administrator.
    pub admin_quota: Quota,
    /// Notifies the other replicas of changes.
    pub invalidations: Arc<InvalidationPublisher>,
    /// The rate limiter of keys and companies.
    pub limiter: RateLimiter,
    /// Limits failed authentications per client address.
    pub failures: FailureLimit,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Arc<TrustedProxies>,
    /// The resources that each caller uses and may use.
    pub fair_shares: Arc<FairShares>,
    /// How long a body may take to arrive.
    pub request_timeout: Duration,
    /// How fast a body has to arrive, in bytes per second.
    pub body_rate: u64,
    /// Whether requests can be served.
    pub readiness: Arc<Readiness>,
    /// The metrics.
    pub metrics: Arc<Metrics>,
}

impl AppState {
    /// The largest page of a list in bytes.
    #[must_use]
    pub fn max_page_bytes(&self) -> usize {
        let kibibytes = self.fair_shares.settings().page_kib;
        usize::try_from(kibibytes.saturating_mul(1024)).unwrap_or(usize::MAX)
    }

    /// Checks whether requests can be served: 503 until the schema is compatible.
    pub(in crate::http) fn check_ready(&self) -> Result<(), ApiError> {
        Ok(self.readiness.check()?)
    }

    /// The origin of a request, for the audit log.
    #[must_use]
    pub fn origin_of(&self, request: &HttpRequest) -> Origin {
        Origin {
            client_address: self.trusted_proxies.client_of(request),
            request_id: request_id::current().to_string(),
            received_at: ambient::now(),
        }
    }
}
