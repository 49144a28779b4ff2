//! What handlers and middleware share.

use std::sync::Arc;
use std::time::Duration;

use super::client_address::AddressGroup;
use super::{BodyBudget, TrustedProxies};
use crate::auth::{Announcer, Authenticator};
use crate::domain::Quota;
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
    /// Tells the replicas of changes.
    pub announcer: Announcer,
    /// Limits keys.
    pub limiter: RateLimiter,
    /// Limits failed authentications by client address.
    pub failures: LocalLimiter<AddressGroup>,
    /// How often one address may fail.
    pub failure_quota: Quota,
    /// Whose word on a client's address is taken.
    pub trusted_proxies: TrustedProxies,
    /// The memory that all bodies in flight may take together.
    pub body_budget: BodyBudget,
    /// How long a body may take to arrive.
    pub request_timeout: Duration,
    /// Whether requests can be served.
    pub readiness: Arc<Readiness>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}
