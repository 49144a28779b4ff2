//! The arithmetic of rate limits, in process and in Redis.

mod meter;
mod script;

use std::time::Duration;

use proptest::prelude::*;
use rubrica::domain::Quota;
use rubrica::limits::Meter;

const EMPTY: Meter = Meter { used: 0.0, at: 0 };
const NEARLY: f64 = 1e-6;

fn quota(limit: u32, window: Duration) -> Quota {
    Quota::new(limit, window).expect("a quota")
}

/// The tolerance for the time of a decision: the meter's own tolerance and a microsecond.
fn rounding(quota: Quota) -> Duration {
    quota
        .window()
        .mul_f64(2.0 * NEARLY / f64::from(quota.limit()))
        + Duration::from_micros(1)
}

/// Rounds up to whole microseconds.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1000)).unwrap()
}

fn quotas() -> impl Strategy<Value = Quota> {
    let limit = prop_oneof![1..20_u32, 1..=2_000_u32, Just(1_000_000_000_u32)];
    let window = prop_oneof![Just(1_000), Just(60_000), 1_000..=86_400_000_u64];
    (limit, window).prop_map(|(limit, window)| quota(limit, Duration::from_millis(window)))
}
