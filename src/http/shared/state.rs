//! What handlers and middleware share.

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

/// What handlers and middleware share.
pub struct AppState {
    /// The database.
    pub store: Store,
    /// Judges bearer tokens.
    pub authenticator: Authenticator,
    /// What administrators do.
    pub administration: Administration,
    /// Limits administrators.
    pub admin_calls: LocalLimiter<AdminId>,
    /// How often one administrator may call.
    pub admin_quota: Quota,
    /// Tells the replicas of changes.
    pub invalidations: Arc<InvalidationPublisher>,
    /// Limits keys.
    pub limiter: RateLimiter,
    /// Limits failed authentications by client address.
    pub failures: FailureLimit,
    /// Whose word on a client's address is taken.
    pub trusted_proxies: Arc<TrustedProxies>,
    /// What each caller uses now, and may use at once.
    pub fair_shares: Arc<FairShares>,
    /// How long a body may take to arrive.
    pub request_timeout: Duration,
    /// How fast a body has to arrive, in bytes per second.
    pub body_rate: u64,
    /// Whether requests can be served.
    pub readiness: Arc<Readiness>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl AppState {
    /// The most bytes of a page of a list.
    #[must_use]
    pub fn max_page_bytes(&self) -> usize {
        let kibibytes = self.fair_shares.settings().page_kib;
        usize::try_from(kibibytes.saturating_mul(1024)).unwrap_or(usize::MAX)
    }

    /// Whether requests can be served: 503 until the schema fits.
    pub(in crate::http) fn check_ready(&self) -> Result<(), ApiError> {
        Ok(self.readiness.check()?)
    }

    /// Where a request comes from, as what it changes is recorded.
    #[must_use]
    pub fn origin_of(&self, request: &HttpRequest) -> Origin {
        Origin {
            client_address: self.trusted_proxies.client_of(request),
            request_id: request_id::current().to_string(),
            received_at: ambient::now(),
        }
    }
}
