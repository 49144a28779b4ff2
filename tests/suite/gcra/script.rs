//! A meter in Redis: the script, run as production runs it, beside its twin in process.

use std::time::Duration;

use proptest::prelude::*;
use rubrica::domain::Quota;
use rubrica::limits::Meter;

use super::{EMPTY, NEARLY, micros, quota, quotas};
use crate::harness::{Redis, cases, holds, redis, runtime};

/// Runs the script.
async fn take_in_redis(redis: &Redis, key: &str, quota: Quota, cost: u32) -> (bool, f64) {
    let script = redis::Script::new(include_str!("../../../src/limits/gcra.lua"));
    let mut invocation = script.key(key);
    invocation
        .arg(quota.limit())
        .arg(quota.window().as_micros().to_string())
        .arg(cost);
    invocation
        .invoke_async(&mut redis.connection().await)
        .await
        .expect("the script runs")
}

async fn ask<T: redis::FromRedisValue>(redis: &Redis, words: &[&str]) -> T {
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command
        .query_async(&mut redis.connection().await)
        .await
        .expect("Redis answers")
}

async fn stored_meter(redis: &Redis, key: &str) -> Option<Meter> {
    let text: String = ask::<Option<String>>(redis, &["GET", key]).await?;
    let (used, at) = text.split_once(' ').expect("two numbers");
    Some(Meter {
        used: used.parse().unwrap(),
        at: at.parse().unwrap(),
    })
}

/// Puts a stored meter back in time, and stops its expiry. One that is gone has drained.
async fn make_older(redis: &Redis, key: &str, twin: Meter, age: Duration) -> Meter {
    let Some(stored) = stored_meter(redis, key).await else {
        return EMPTY;
    };
    let at = stored.at - micros(age);
    let older = format!("{} {at}", stored.used);
    let set: Option<String> = ask(redis, &["SET", key, &older, "XX"]).await;
    set.map_or(EMPTY, |_| Meter { at, ..twin })
}

#[test]
fn the_script_in_redis_decides_as_its_twin_does() {
    let runtime = runtime();
    let redis = runtime.block_on(redis());
    let key = format!("gcra:{}", std::process::id());
    // Limits change on the way, and the meter grows older than it is.
    let step = (
        quotas(),
        prop_oneof![Just(0.0), 0.0..1.5],
        prop_oneof![0..10_u32, 0..3_000_u32],
    );
    let sequences = prop::collection::vec(step, 1..20);

    holds(cases(60), &runtime, &sequences, async |sequence| {
        ask::<i64>(redis, &["DEL", &key]).await;
        let mut twin = EMPTY;
        for (quota, age, cost) in sequence {
            twin = make_older(redis, &key, twin, quota.window().mul_f64(age)).await;

            let (is_allowed, used) = take_in_redis(redis, &key, quota, cost).await;

            let Some(stored) = stored_meter(redis, &key).await else {
                continue;
            };
            let (next, decision) = twin.take(quota, cost, stored.at);
            assert_eq!(
                is_allowed, decision.is_allowed,
                "{twin:?} {stored:?} {decision:?}"
            );
            assert!((used - next.used).abs() < NEARLY, "{used} {next:?}");
            assert_eq!(used, stored.used, "every digit is stored");
            twin = next;
        }
    });
}

#[tokio::test]
async fn a_meter_in_redis_is_forgotten_when_it_has_drained() {
    let redis = redis().await;
    let key = format!("gcra:lifetime:{}", std::process::id());
    let quota = quota(600, Duration::from_mins(1));

    take_in_redis(redis, &key, quota, 300).await;
    let lifetime: i64 = ask(redis, &["PTTL", &key]).await;
    assert!((1..=30_000).contains(&lifetime), "{lifetime}");

    take_in_redis(redis, &key, quota, 300).await;
    let lifetime: i64 = ask(redis, &["PTTL", &key]).await;
    assert!((30_001..=60_000).contains(&lifetime), "{lifetime}");
}

#[tokio::test]
async fn an_empty_meter_is_not_stored_at_all() {
    let redis = redis().await;
    let key = format!("gcra:empty:{}", std::process::id());

    let answer = take_in_redis(redis, &key, quota(5, Duration::from_secs(1)), 0).await;

    assert_eq!(answer, (true, 0.0));
    assert_eq!(ask::<i64>(redis, &["EXISTS", &key]).await, 0);
}
