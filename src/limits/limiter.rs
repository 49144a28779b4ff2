//! The rate limiter: shared through Redis, with a local fallback.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use redis::Client;

use super::breaker::Breaker;
use super::redis_limiter::RedisLimiter;
use super::{Cost, Decision, Limited, LocalLimiter};
use crate::ambient::Stopwatch;
use crate::config::{OnRedisFailure, RateLimit, Redis};
use crate::domain::{ClientId, CompanyId, KeyAndCompany, Quota};
use crate::metrics::Metrics;

/// Limits the requests of each API key and of each company.
pub struct RateLimiter {
    defaults: KeyAndCompany<Quota>,
    on_failure: OnRedisFailure,
    replicas: NonZeroU32,
    shared: Option<Shared>,
    local: LocalLimiter<Limited>,
    metrics: Arc<Metrics>,
}

/// The limiter in Redis with its circuit breaker.
struct Shared {
    limiter: RedisLimiter,
    breaker: Breaker,
}

/// Redis is unavailable, and `rate_limit.on_redis_failure` is `deny`.
#[derive(Debug, thiserror::Error)]
#[error("the rate limiter is unavailable")]
pub struct LimiterUnavailable {
    /// How long Redis has been unavailable.
    pub outage: Duration,
}

impl RateLimiter {
    /// Creates the limiters. Without a client for Redis only the local limiter is used.
    ///
    /// # Errors
    /// If the connection settings are invalid. Redis does not have to be reachable.
    pub fn new(
        settings: &RateLimit,
        redis: &Redis,
        client: Option<Client>,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let shared = client
            .map(|client| RedisLimiter::new(client, &redis.prefix, redis.timeout))
            .transpose()?
            .map(|limiter| Shared {
                breaker: Breaker::new(limiter.clone(), Arc::clone(&metrics)),
                limiter,
            });
        Ok(Self {
            defaults: KeyAndCompany {
                key: settings.key,
                company: settings.company,
            },
            on_failure: settings.on_redis_failure,
            replicas: settings.replicas,
            shared,
            local: LocalLimiter::default(),
            metrics,
        })
    }

    /// The quotas of a key and of its company: their own ones, or the defaults.
    #[must_use]
    pub fn quotas_of(&self, own: KeyAndCompany<Option<Quota>>) -> KeyAndCompany<Quota> {
        KeyAndCompany {
            key: own.key.unwrap_or(self.defaults.key),
            company: own.company.unwrap_or(self.defaults.company),
        }
    }

    /// Takes the cost of a request from the quotas of a key and of its company, or nothing from either.
    ///
    /// # Errors
    /// If Redis is unavailable and `rate_limit.on_redis_failure` is `deny`.
    pub async fn take(
        &self,
        client: &ClientId,
        company: CompanyId,
        own: KeyAndCompany<Option<Quota>>,
        cost: Cost,
    ) -> Result<KeyAndCompany<Decision>, LimiterUnavailable> {
        let quotas = self.quotas_of(own);
        let locally = |quotas| self.local.take_both(client, company, quotas, cost);
        let Some(shared) = &self.shared else {
            return Ok(self.counted("local", locally(quotas)));
        };
        if !shared.breaker.is_open() {
            let started = Stopwatch::default();
            match shared.limiter.take(client, company, quotas, cost).await {
                Ok(decisions) => {
                    self.metrics.limits.redis_answered(started.elapsed());
                    return Ok(self.counted("redis", decisions));
                }
                Err(error) => shared.breaker.record_failure(&error, started),
            }
        }
        match self.on_failure {
            OnRedisFailure::Local => {
                let share = KeyAndCompany {
                    key: quotas.key.share(self.replicas),
                    company: quotas.company.share(self.replicas),
                };
                Ok(self.counted("local", locally(share)))
            }
            OnRedisFailure::Allow => {
                let nothing = KeyAndCompany {
                    key: 0.0,
                    company: 0.0,
                };
                let decisions = KeyAndCompany::decided(quotas, cost.total, nothing, true);
                Ok(self.counted("none", decisions))
            }
            OnRedisFailure::Deny => Err(LimiterUnavailable {
                outage: shared.breaker.open_for(),
            }),
        }
    }

    /// Whether Redis decides now; `None` if no Redis is configured.
    #[must_use]
    pub fn is_shared(&self) -> Option<bool> {
        self.shared.as_ref().map(|shared| !shared.breaker.is_open())
    }

    fn counted(
        &self,
        limiter: &'static str,
        decisions: KeyAndCompany<Decision>,
    ) -> KeyAndCompany<Decision> {
        self.metrics.limits.decided(limiter, decisions.is_allowed());
        decisions
    }
}
