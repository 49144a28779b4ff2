//! The generic cell rate algorithm (GCRA, ITU-T I.371) as a leaky bucket: each request adds one to a meter, which
//! drains evenly. `gcra.lua` does the same in Redis.

use std::time::Duration;

use crate::domain::{KeyAndCompany, Quota};

/// Compensates for rounding errors of divisions. It is far below one request.
const TOLERANCE: f64 = 1e-6;

/// The used part of a quota at a point in time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meter {
    /// Requests that have not drained yet.
    pub used: f64,
    /// The time of the last update: microseconds on the limiter's clock.
    pub at: u64,
}

/// The decision of a limiter about one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// Whether the request is allowed.
    pub is_allowed: bool,
    /// The quota that applies.
    pub quota: Quota,
    /// The number of requests that may follow immediately.
    pub remaining: u32,
    /// The time until the whole quota is available.
    pub full_in: Duration,
    /// The time until the same request is allowed; zero if it is allowed now.
    pub retry_after: Duration,
}

impl Meter {
    /// Takes `cost` requests at time `now` (microseconds). A rejected request takes nothing. A request with cost 0
    /// is rejected if no request is left.
    ///
    /// The quota may change between calls: the used part is kept, up to the new limit.
    #[must_use]
    pub fn take(self, quota: Quota, cost: u32, now: u64) -> (Self, Decision) {
        let drained = self.drained(quota, now);
        let is_allowed = fits(quota, drained.used, cost);
        let next = if is_allowed {
            drained.with(cost)
        } else {
            drained
        };
        (next, Decision::new(quota, cost, next.used, is_allowed))
    }

    fn drained(self, quota: Quota, now: u64) -> Self {
        let limit = f64::from(quota.limit());
        let elapsed = micros(Duration::from_micros(now.saturating_sub(self.at)));
        let drained = elapsed * limit / micros(quota.window());
        let used = (self.used - drained).clamp(0.0, limit);
        Self { used, at: now }
    }

    fn without(self, taken: u32) -> Self {
        let used = (self.used - f64::from(taken)).max(0.0);
        Self { used, ..self }
    }

    fn with(self, cost: u32) -> Self {
        Self {
            used: self.used + f64::from(cost),
            ..self
        }
    }
}

/// The cost of a request whose first part may have been taken before the whole cost was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// The whole cost.
    pub total: u32,
    /// The part that was taken before. It is refunded if the request is rejected.
    pub already_taken: u32,
}

impl Cost {
    /// One request, nothing of which was taken before.
    pub const ONE: Self = Self {
        total: 1,
        already_taken: 0,
    };
}

impl KeyAndCompany<Meter> {
    /// Takes the cost of a request from both meters at time `now` (microseconds), or nothing from either.
    #[must_use]
    pub fn take(
        self,
        quotas: KeyAndCompany<Quota>,
        Cost {
            total,
            already_taken,
        }: Cost,
        now: u64,
    ) -> (Self, KeyAndCompany<Decision>) {
        let mut next = Self {
            key: self.key.drained(quotas.key, now).without(already_taken),
            company: self
                .company
                .drained(quotas.company, now)
                .without(already_taken),
        };
        let is_allowed = fits(quotas.key, next.key.used, total)
            && fits(quotas.company, next.company.used, total);
        if is_allowed {
            next.key = next.key.with(total);
            next.company = next.company.with(total);
        }
        let used = KeyAndCompany {
            key: next.key.used,
            company: next.company.used,
        };
        (
            next,
            KeyAndCompany::decided(quotas, total, used, is_allowed),
        )
    }
}

impl KeyAndCompany<Decision> {
    /// The decisions about a request after which `used` requests are taken.
    #[must_use]
    pub fn decided(
        quotas: KeyAndCompany<Quota>,
        cost: u32,
        used: KeyAndCompany<f64>,
        is_allowed: bool,
    ) -> Self {
        let decide = |quota, used| {
            let fits = is_allowed || fits(quota, used, cost);
            Decision::new(quota, cost, used, fits)
        };
        Self {
            key: decide(quotas.key, used.key),
            company: decide(quotas.company, used.company),
        }
    }

    /// Whether both limits allow the request.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.key.is_allowed && self.company.is_allowed
    }

    /// The decision with the longer wait if the request is rejected, else the one with fewer requests left.
    #[must_use]
    pub fn tighter(&self) -> &Decision {
        let Self { key, company } = self;
        let is_company = if self.is_allowed() {
            company.remaining < key.remaining
        } else {
            company.retry_after > key.retry_after
        };
        if is_company { company } else { key }
    }
}

impl Decision {
    /// The decision about a request after which `used` requests are taken.
    #[must_use]
    pub fn new(quota: Quota, cost: u32, used: f64, is_allowed: bool) -> Self {
        let limit = f64::from(quota.limit());
        let drain = |requests: f64| quota.window().mul_f64((requests / limit).clamp(0.0, 1.0));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the value is from 0 to the limit, which is a u32"
        )]
        let remaining = available(limit, used).max(0.0) as u32;
        let retry_after = if is_allowed {
            Duration::ZERO
        } else {
            drain(used + f64::from(cost.max(1)) - limit).max(Duration::from_nanos(1))
        };
        Self {
            is_allowed,
            quota,
            remaining,
            full_in: drain(used),
            retry_after,
        }
    }
}

fn fits(quota: Quota, used: f64, cost: u32) -> bool {
    f64::from(cost.max(1)) <= available(f64::from(quota.limit()), used)
}

/// The number of requests that are allowed immediately.
fn available(limit: f64, used: f64) -> f64 {
    limit - used + TOLERANCE
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
