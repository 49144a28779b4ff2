//! The arithmetic of the generic cell rate algorithm (GCRA, ITU-T I.371), in its form of a leaky
//! bucket: each request adds one to a meter, which drains evenly. `gcra.lua` does the same in Redis.

use std::time::Duration;

use crate::domain::{KeyAndCompany, Quota};

/// Absorbs the rounding of a division; far below one request.
const TOLERANCE: f64 = 1e-6;

/// How much of a quota is used, and when that was so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meter {
    /// Requests that have not drained yet.
    pub used: f64,
    /// Microseconds on the limiter's own clock.
    pub at: u64,
}

/// What a limiter says about one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// Whether the request may pass.
    pub is_allowed: bool,
    /// The quota it was measured by.
    pub quota: Quota,
    /// Whole requests that may follow at once.
    pub remaining: u32,
    /// Until nothing is used any more.
    pub full_in: Duration,
    /// Until the same request may pass; zero if it may.
    pub retry_after: Duration,
}

impl Meter {
    /// Takes `cost` requests at time `now`. A refused request takes nothing; one that costs
    /// nothing is refused when nothing is left.
    ///
    /// A quota may change between calls: what is used stays used, up to the new limit.
    #[must_use]
    pub fn take(self, quota: Quota, cost: u32, now: u64) -> (Self, Decision) {
        let drained = self.drained(quota, now);
        let is_allowed = has_room(quota, drained.used, cost);
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

/// What a request costs, and what was taken for it already, before all of its cost was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// In all.
    pub total: u32,
    /// Taken already, and given back if the request is refused.
    pub already_taken: u32,
}

impl Cost {
    /// One request, of which nothing was taken yet.
    pub const ONE: Self = Self {
        total: 1,
        already_taken: 0,
    };
}

impl KeyAndCompany<Meter> {
    /// Takes what a request costs at time `now` from both meters, or nothing from either.
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
        let is_allowed = has_room(quotas.key, next.key.used, total)
            && has_room(quotas.company, next.company.used, total);
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
    /// The decisions that leave this much used.
    #[must_use]
    pub fn decided(
        quotas: KeyAndCompany<Quota>,
        cost: u32,
        used: KeyAndCompany<f64>,
        is_allowed: bool,
    ) -> Self {
        let decide = |quota, used| {
            let has_room = is_allowed || has_room(quota, used, cost);
            Decision::new(quota, cost, used, has_room)
        };
        Self {
            key: decide(quotas.key, used.key),
            company: decide(quotas.company, used.company),
        }
    }

    /// Whether the request may pass: both limits allow it.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.key.is_allowed && self.company.is_allowed
    }

    /// The decision that callers have to mind: of a refusal the one with the longer wait, else the
    /// one with less left.
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
    /// Tells a decision from what is used after it.
    #[must_use]
    pub fn new(quota: Quota, cost: u32, used: f64, is_allowed: bool) -> Self {
        let limit = f64::from(quota.limit());
        let drain = |requests: f64| quota.window().mul_f64((requests / limit).clamp(0.0, 1.0));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to the limit, which is a u32"
        )]
        let remaining = room(limit, used).max(0.0) as u32;
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

fn has_room(quota: Quota, used: f64, cost: u32) -> bool {
    f64::from(cost.max(1)) <= room(f64::from(quota.limit()), used)
}

/// Requests that may pass at once.
fn room(limit: f64, used: f64) -> f64 {
    limit - used + TOLERANCE
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
