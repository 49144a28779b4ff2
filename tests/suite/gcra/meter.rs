//! A meter in memory: what it accepts, what it refuses, and what it reports.

use std::time::Duration;

use proptest::prelude::*;
use rubrica::domain::Quota;
use rubrica::limits::{Decision, Meter};

use super::{EMPTY, NEARLY, micros, quota, quotas, rounding};
use crate::harness::cases;

/// Costs, each with the share of the window that passes before it.
fn requests() -> impl Strategy<Value = Vec<(f64, u32)>> {
    let pause = prop_oneof![3 => Just(0.0), 3 => 0.0..0.2, 1 => 0.0..3.0];
    let cost = prop_oneof![4 => Just(1), 3 => 0..10_u32, 1 => 0..3_000_u32];
    prop::collection::vec((pause, cost), 1..60)
}

/// Takes all of them in sequence and returns the time and the decision of each.
fn take_all(quota: Quota, requests: &[(f64, u32)]) -> Vec<(u64, u32, Meter, Decision)> {
    let (mut meter, mut now) = (EMPTY, 0);
    let take = |(pause, cost): &(f64, u32)| {
        now += micros(quota.window().mul_f64(*pause));
        let (next, decision) = meter.take(quota, *cost, now);
        meter = next;
        (now, *cost, meter, decision)
    };
    requests.iter().map(take).collect()
}

#[test]
fn a_burst_up_to_the_limit_passes_and_the_next_request_waits() {
    let quota = quota(600, Duration::from_mins(1));
    let mut meter = EMPTY;
    for left in (0..600).rev() {
        let (next, decision) = meter.take(quota, 1, 0);
        assert!(decision.is_allowed);
        assert_eq!(decision.remaining, left);
        meter = next;
    }

    let (meter, refused) = meter.take(quota, 1, 0);
    let (_, after_a_tenth) = meter.take(quota, 1, 99_999);
    let (_, after_one_drained) = meter.take(quota, 1, 100_000);

    assert!(!refused.is_allowed);
    assert_eq!(refused.retry_after, Duration::from_millis(100));
    assert_eq!(refused.full_in, Duration::from_mins(1));
    assert!(!after_a_tenth.is_allowed);
    assert!(after_one_drained.is_allowed);
}

#[test]
fn a_changed_limit_applies_to_what_was_used() {
    let window = Duration::from_mins(1);
    let (meter, _) = EMPTY.take(quota(600, window), 500, 0);

    let (_, raised) = meter.take(quota(1000, window), 1, 0);
    let (capped, lowered) = meter.take(quota(100, window), 1, 0);
    let (_, raised_again) = capped.take(quota(600, window), 1, 0);

    assert_eq!((raised.is_allowed, raised.remaining), (true, 499));
    assert_eq!((lowered.is_allowed, lowered.remaining), (false, 0));
    assert_eq!(
        lowered.full_in, window,
        "not the five minutes that 500 would take"
    );
    assert_eq!(
        (raised_again.is_allowed, raised_again.remaining),
        (true, 499)
    );
}

#[test]
fn a_request_of_cost_zero_is_refused_only_when_nothing_is_left() {
    let quota = quota(2, Duration::from_mins(1));
    let (one_used, _) = EMPTY.take(quota, 1, 0);
    let (all_used, _) = one_used.take(quota, 1, 0);

    let (unchanged, decision) = one_used.take(quota, 0, 0);
    assert_eq!(
        (decision.is_allowed, decision.remaining, unchanged),
        (true, 1, one_used)
    );
    let (unchanged, decision) = all_used.take(quota, 0, 0);
    assert_eq!((decision.is_allowed, unchanged), (false, all_used));
    assert_eq!(decision.retry_after, Duration::from_secs(30));
}

#[test]
fn a_clock_that_steps_back_drains_nothing() {
    let quota = quota(10, Duration::from_secs(10));
    let (meter, _) = Meter {
        used: 0.0,
        at: 5_000_000,
    }
    .take(quota, 4, 5_000_000);

    let (meter, decision) = meter.take(quota, 1, 1_000_000);

    assert_eq!((meter.used, decision.remaining), (5.0, 5));
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn no_interval_admits_more_than_a_burst_and_its_refill(
        quota in quotas(),
        requests in requests(),
    ) {
        let taken = take_all(quota, &requests);
        let limit = f64::from(quota.limit());

        for (first, (start, ..)) in taken.iter().enumerate() {
            let mut passed = 0.0;
            for (now, cost, _, decision) in &taken[first..] {
                passed += if decision.is_allowed { f64::from(*cost) } else { 0.0 };
                let span = Duration::from_micros(now - start).div_duration_f64(quota.window());
                prop_assert!(passed <= limit * (1.0 + span) * (1.0 + NEARLY) + NEARLY);
            }
        }
    }

    #[test]
    fn a_refused_request_takes_nothing(quota in quotas(), requests in requests()) {
        let taken = take_all(quota, &requests);
        let mut alone = EMPTY;

        for (now, cost, meter, decision) in taken {
            if decision.is_allowed {
                (alone, _) = alone.take(quota, cost, now);
                let tolerance = NEARLY * (1.0 + alone.used);
                prop_assert!((alone.used - meter.used).abs() < tolerance, "{alone:?} {meter:?}");
            }
        }
    }

    #[test]
    fn a_decision_predicts_what_will_pass_and_when(quota in quotas(), requests in requests()) {
        for (now, cost, meter, decision) in take_all(quota, &requests) {
            let passes = |cost, now| meter.take(quota, cost, now).1.is_allowed;
            prop_assert_eq!(decision.quota, quota);

            prop_assert!(decision.remaining == 0 || passes(decision.remaining, now));
            prop_assert!(!passes(decision.remaining + 1, now));

            let (full, _) = meter.take(quota, 0, now + micros(decision.full_in));
            prop_assert!(full.used < NEARLY * f64::from(quota.limit()).max(1.0), "{full:?}");
            prop_assert!(decision.full_in <= quota.window());

            prop_assert_eq!(decision.is_allowed, decision.retry_after.is_zero());
            if !decision.is_allowed && cost <= quota.limit() {
                prop_assert!(passes(cost, now + micros(decision.retry_after)));
                if let Some(too_early) = decision.retry_after.checked_sub(rounding(quota)) {
                    prop_assert!(!passes(cost, now + micros(too_early)));
                }
            }
        }
    }
}
