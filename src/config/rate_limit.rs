//! The settings of rate limits.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::formats::{duration, quota};
use crate::domain::Quota;

/// The default rate limits, for keys and companies without a limit of their own.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(try_from = "RateLimitKeys", into = "RateLimitKeys")]
pub struct RateLimit {
    /// The limit of each key.
    pub key: Quota,
    /// The limit of all keys of a company together.
    pub company: Quota,
    /// What happens while Redis is unavailable.
    pub on_redis_failure: OnRedisFailure,
    /// The number of replicas that share a limit while Redis is unavailable.
    pub replicas: NonZeroU32,
}

/// The section as it is written in a file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RateLimitKeys {
    limit: u32,
    #[serde(with = "duration")]
    window: Duration,
    company_limit: u32,
    #[serde(with = "duration")]
    company_window: Duration,
    on_redis_failure: OnRedisFailure,
    replicas: NonZeroU32,
}

impl TryFrom<RateLimitKeys> for RateLimit {
    type Error = String;

    fn try_from(keys: RateLimitKeys) -> Result<Self, String> {
        Ok(Self {
            key: quota("rate_limit", keys.limit, keys.window)?,
            company: quota(
                "rate_limit.company_limit",
                keys.company_limit,
                keys.company_window,
            )?,
            on_redis_failure: keys.on_redis_failure,
            replicas: keys.replicas,
        })
    }
}

impl From<RateLimit> for RateLimitKeys {
    fn from(settings: RateLimit) -> Self {
        Self {
            limit: settings.key.limit(),
            window: settings.key.window(),
            company_limit: settings.company.limit(),
            company_window: settings.company.window(),
            on_redis_failure: settings.on_redis_failure,
            replicas: settings.replicas,
        }
    }
}

/// How requests are limited while Redis is unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OnRedisFailure {
    /// Each replica allows its share of the limit.
    Local,
    /// All requests are allowed.
    Allow,
    /// All requests are rejected with 503.
    Deny,
}
