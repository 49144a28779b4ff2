//! Rate limits of API keys and companies.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::formats::{checked_quota, duration};
use crate::domain::Quota;

/// The limits of keys and companies without one of their own.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct RateLimit {
    pub limit: u32,
    #[serde(with = "duration")]
    pub window: Duration,
    pub company_limit: u32,
    #[serde(with = "duration")]
    pub company_window: Duration,
    pub on_redis_failure: OnRedisFailure,
    pub replicas: NonZeroU32,
}

/// Who decides about a request while Redis is out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OnRedisFailure {
    /// This replica, within its share of the limit.
    Local,
    /// Nobody: it passes.
    Allow,
    /// Nobody: it is refused with 503.
    Deny,
}

impl RateLimit {
    /// The quota of keys without one of their own.
    ///
    /// # Panics
    /// Never: settings are checked when they are read.
    #[must_use]
    pub fn key_quota(&self) -> Quota {
        checked_quota(self.limit, self.window)
    }

    /// The quota of all keys of a company without one of its own.
    ///
    /// # Panics
    /// Never: settings are checked when they are read.
    #[must_use]
    pub fn company_quota(&self) -> Quota {
        checked_quota(self.company_limit, self.company_window)
    }
}
