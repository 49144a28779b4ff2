//! Meters in Redis: the script compared with the same arithmetic in memory.

use std::time::Duration;

use proptest::prelude::*;
use rubrica::domain::{KeyAndCompany, Quota};
use rubrica::limits::{Cost, Meter};

use super::{EMPTY, NEARLY, micros, quota, quotas};
use crate::harness::{Redis, cases, holds, redis, runtime};

/// The stored meters of a key and of its company.
fn names(test: &str) -> KeyAndCompany<String> {
    let name = |of| format!("gcra:{{{test}:{}}}:{of}", std::process::id());
    KeyAndCompany {
        key: name("key"),
        company: name("company"),
    }
}

/// Runs the script.
async fn take_in_redis(
    redis: &Redis,
    names: &KeyAndCompany<String>,
    quotas: KeyAndCompany<Quota>,
    cost: Cost,
) -> (bool, f64, f64) {
    let script = redis::Script::new(include_str!("../../../src/limits/gcra.lua"));
    let mut invocation = script.key(&names.key);
    invocation
        .key(&names.company)
        .arg(cost.total)
        .arg(cost.already_taken);
    for quota in [quotas.key, quotas.company] {
        invocation
            .arg(quota.limit())
            .arg(quota.window().as_micros().to_string());
    }
    invocation
        .invoke_async(&mut redis.connection().await)
        .await
        .expect("the script runs")
}

fn costing(all: u32) -> Cost {
    Cost {
        total: all,
        already_taken: 0,
    }
}

/// The same quota for both.
fn both(quota: Quota) -> KeyAndCompany<Quota> {
    KeyAndCompany {
        key: quota,
        company: quota,
    }
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

/// Moves a stored meter back in time and removes its expiry. A missing meter has drained.
async fn make_older(redis: &Redis, key: &str, expected: Meter, age: Duration) -> Meter {
    let Some(stored) = stored_meter(redis, key).await else {
        return EMPTY;
    };
    let at = stored.at - micros(age);
    let older = format!("{} {at}", stored.used);
    let set: Option<String> = ask(redis, &["SET", key, &older, "XX"]).await;
    set.map_or(EMPTY, |_| Meter { at, ..expected })
}

#[test]
fn the_redis_script_decides_as_the_local_meters_do() {
    let runtime = runtime();
    let redis = runtime.block_on(redis());
    let names = names("random");
    // Limits change in between, and the meters are aged artificially.
    let step = (
        (quotas(), quotas()),
        prop_oneof![Just(0.0), 0.0..1.5],
        prop_oneof![0..10_u32, 0..3_000_u32],
        prop_oneof![3 => Just(0_u32), 1 => 0..3_u32],
    );
    let sequences = prop::collection::vec(step, 1..20);

    holds(cases(60), &runtime, &sequences, async |sequence| {
        ask::<i64>(redis, &["DEL", &names.key, &names.company]).await;
        let mut expected = KeyAndCompany {
            key: EMPTY,
            company: EMPTY,
        };
        for ((key, company), age, all, taken) in sequence {
            let cost = Cost {
                total: all,
                already_taken: taken,
            };
            let quotas = KeyAndCompany { key, company };
            let age = key.window().mul_f64(age);
            expected.key = make_older(redis, &names.key, expected.key, age).await;
            expected.company = make_older(redis, &names.company, expected.company, age).await;

            let (is_allowed, used, used_by_company) =
                take_in_redis(redis, &names, quotas, cost).await;

            let stored = stored_meter(redis, &names.key).await;
            let stored_of_company = stored_meter(redis, &names.company).await;
            let Some(at) = stored.or(stored_of_company).map(|meter| meter.at) else {
                continue;
            };
            let (next, decisions) = expected.take(quotas, cost, at);
            assert_eq!(
                is_allowed,
                decisions.is_allowed(),
                "{expected:?} {stored:?} {stored_of_company:?} {decisions:?}"
            );
            assert!((used - next.key.used).abs() < NEARLY, "{used} {next:?}");
            assert!(
                (used_by_company - next.company.used).abs() < NEARLY,
                "{used_by_company} {next:?}"
            );
            for (stored, used) in [(stored, used), (stored_of_company, used_by_company)] {
                let kept = stored.map_or(0.0, |meter| meter.used);
                assert!(kept == used || stored.is_none(), "every digit is stored");
            }
            expected = next;
        }
    });
}

#[tokio::test]
async fn a_request_takes_from_both_meters_or_from_neither() {
    let redis = redis().await;
    let names = names("both");
    let quotas = |key, company| KeyAndCompany {
        key: quota(key, Duration::from_hours(1)),
        company: quota(company, Duration::from_hours(1)),
    };

    let (is_allowed, ..) = take_in_redis(redis, &names, quotas(10, 3), costing(2)).await;
    assert!(is_allowed);
    for limits in [quotas(10, 3), quotas(3, 10)] {
        let (is_allowed, used, used_by_company) =
            take_in_redis(redis, &names, limits, costing(2)).await;
        assert!(!is_allowed);
        assert!((1.9..=2.0).contains(&used), "{used}");
        assert!((1.9..=2.0).contains(&used_by_company), "{used_by_company}");
    }
}

#[tokio::test]
async fn a_refused_request_gets_back_what_the_first_meter_took() {
    let redis = redis().await;
    let names = names("given back");
    let quotas = both(quota(5, Duration::from_hours(1)));

    take_in_redis(redis, &names, quotas, costing(3)).await;
    let (is_allowed, used, _) = take_in_redis(
        redis,
        &names,
        quotas,
        Cost {
            total: 4,
            already_taken: 1,
        },
    )
    .await;
    assert!(!is_allowed);
    assert!((1.9..=2.0).contains(&used), "{used}");
    let (is_allowed, used, _) = take_in_redis(
        redis,
        &names,
        quotas,
        Cost {
            total: 3,
            already_taken: 0,
        },
    )
    .await;
    assert!(is_allowed);
    assert!((4.9..=5.0).contains(&used), "{used}");
}

#[tokio::test]
async fn a_meter_in_redis_expires_when_it_has_drained() {
    let redis = redis().await;
    let names = names("lifetime");
    let quotas = both(quota(600, Duration::from_mins(1)));

    take_in_redis(redis, &names, quotas, costing(300)).await;
    for name in [&names.key, &names.company] {
        let lifetime: i64 = ask(redis, &["PTTL", name]).await;
        assert!((1..=30_000).contains(&lifetime), "{lifetime}");
    }

    take_in_redis(redis, &names, quotas, costing(300)).await;
    for name in [&names.key, &names.company] {
        let lifetime: i64 = ask(redis, &["PTTL", name]).await;
        assert!((30_001..=60_000).contains(&lifetime), "{lifetime}");
    }
}

#[tokio::test]
async fn an_empty_meter_is_not_stored() {
    let redis = redis().await;
    let names = names("empty");

    let quotas = both(quota(5, Duration::from_secs(1)));
    let answer = take_in_redis(redis, &names, quotas, costing(0)).await;

    assert_eq!(answer, (true, 0.0, 0.0));
    let stored: i64 = ask(redis, &["EXISTS", &names.key, &names.company]).await;
    assert_eq!(stored, 0);
}
