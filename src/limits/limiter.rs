//! The switch between the shared limiter and the local one.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::Client;
use tracing::{info, warn};

use super::redis_limiter::RedisLimiter;
use super::{Cost, Decision, Limited, LocalLimiter};
use crate::ambient::Stopwatch;
use crate::config::{OnRedisFailure, RateLimit, Redis};
use crate::domain::{ClientId, CompanyId, KeyAndCompany, Quota};
use crate::metrics::Metrics;

/// How often a Redis that failed is asked whether it is back.
const PROBE_INTERVAL: Duration = Duration::from_millis(250);

/// Limits the requests of API keys, each by itself and those of a company together.
pub struct RateLimiter {
    defaults: KeyAndCompany<Quota>,
    on_failure: OnRedisFailure,
    replicas: NonZeroU32,
    shared: Option<Shared>,
    local: LocalLimiter<Limited>,
    metrics: Arc<Metrics>,
}

/// Redis, behind a circuit breaker: one failure opens it, an answer to a probe closes it.
struct Shared {
    limiter: RedisLimiter,
    is_open: Arc<AtomicBool>,
}

/// Redis is out of reach, and the configuration says to refuse then.
#[derive(Debug, thiserror::Error)]
#[error("the rate limiter is out of reach")]
pub struct LimiterUnavailable;

impl RateLimiter {
    /// Prepares the limiters. Without a client for Redis, the local one serves alone.
    ///
    /// # Errors
    /// If the connection to Redis cannot be prepared; it need not be up.
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
                limiter,
                is_open: Arc::default(),
            });
        Ok(Self {
            defaults: KeyAndCompany {
                key: settings.key_quota(),
                company: settings.company_quota(),
            },
            on_failure: settings.on_redis_failure,
            replicas: settings.replicas,
            shared,
            local: LocalLimiter::default(),
            metrics,
        })
    }

    /// What a key and its company may use: their own quotas, or else the default ones.
    #[must_use]
    pub fn quotas_of(&self, own: KeyAndCompany<Option<Quota>>) -> KeyAndCompany<Quota> {
        KeyAndCompany {
            key: own.key.unwrap_or(self.defaults.key),
            company: own.company.unwrap_or(self.defaults.company),
        }
    }

    /// Takes what a request costs from the quotas of a key and of its company, or nothing from either.
    ///
    /// # Errors
    /// Only if Redis is out of reach and `rate_limit.on_redis_failure` is `deny`.
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
        if !shared.is_open.load(Ordering::Relaxed) {
            let asked = Stopwatch::default();
            match shared.limiter.take(client, company, quotas, cost).await {
                Ok(decisions) => {
                    self.metrics.limits.redis_answered(asked.elapsed());
                    return Ok(self.counted("redis", decisions));
                }
                Err(error) => self.fall_back(shared, &error),
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
                let decisions = KeyAndCompany::decided(quotas, cost.all, nothing, true);
                Ok(self.counted("none", decisions))
            }
            OnRedisFailure::Deny => Err(LimiterUnavailable),
        }
    }

    /// Whether Redis decides now; `None` if none is configured.
    #[must_use]
    pub fn is_shared(&self) -> Option<bool> {
        self.shared
            .as_ref()
            .map(|shared| !shared.is_open.load(Ordering::Relaxed))
    }

    /// Opens the breaker. The first to do so says it once, and starts the way back.
    fn fall_back(&self, shared: &Shared, error: &redis::RedisError) {
        self.metrics.limits.redis_failed(error.category());
        if shared.is_open.swap(true, Ordering::Relaxed) {
            return;
        }
        self.metrics.limits.set_fallback(true);
        warn!(
            cause = error.category(),
            on_redis_failure = ?self.on_failure,
            "Redis is out of reach: rate limits are not shared"
        );

        let limiter = shared.limiter.clone();
        let is_open = Arc::clone(&shared.is_open);
        let metrics = Arc::clone(&self.metrics);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(PROBE_INTERVAL).await;
                if limiter.reconnect().await {
                    break;
                }
            }
            // In this order: a failure right after must not find its metric reset.
            metrics.limits.set_fallback(false);
            is_open.store(false, Ordering::Relaxed);
            info!("Redis is back: rate limits are shared again");
        });
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
