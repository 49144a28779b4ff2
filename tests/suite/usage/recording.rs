//! Flushing usage to the database, completely and once.

use std::sync::Arc;

use futures_util::future::join_all;
use rubrica::ambient;
use rubrica::domain::{ClientId, Hour, RequestCounts, UsageReading};
use rubrica::usage::{Meters, Recorder};
use serde_json::json;

use super::{SOON, counts, key_of, until_counted, upsert};
use crate::harness::{Binary, Proxy, Tenant, TestApp, eventually, postgres};

async fn failures(app: &TestApp) -> f64 {
    app.metric(&["rubrica_usage_flush_failures_total"]).await
}

/// Waits for a complete flush that begins after this call.
async fn until_flushed(app: &TestApp) {
    let now = u32::try_from(ambient::now().unix_timestamp()).expect("before 2106");
    let last = async || app.metric(&["rubrica_usage_last_flush_timestamp"]).await;
    eventually("a flush", last, |last| *last > f64::from(now)).await;
}

async fn until_failing(app: &TestApp) {
    let failures = async || failures(app).await;
    let before = failures().await;
    eventually("a flush that fails", failures, |count| *count > before).await;
}

fn reading(tenant: &Tenant, hour: i64, requests: i64) -> UsageReading {
    let hour = Hour::of_unix_seconds(hour * 3_600);
    UsageReading {
        company: tenant.company,
        client: tenant.client.clone(),
        hour,
        counts: RequestCounts {
            requests,
            ..RequestCounts::default()
        },
        last_used_at: hour.start(),
    }
}

fn client(number: u32) -> ClientId {
    let letters = format!("{number:012}")
        .bytes()
        .map(|digit| char::from(b'a' + digit - b'0'))
        .collect::<String>();
    letters.parse().expect("a client id")
}

#[tokio::test]
async fn the_usage_of_all_replicas_is_added_up() {
    let one = TestApp::with_settings(&[SOON]).await;
    let other = one.replica(&[SOON]).await;
    let tenant = one.tenant_with_limit("1000/1s").await;

    let calls = (0..40).map(async |number| {
        let replica = if number % 4 == 0 { &one } else { &other };
        upsert(replica, &tenant).await;
    });
    join_all(calls).await;

    until_counted(&one, &tenant, 40).await;
}

#[tokio::test]
async fn a_stopping_replica_flushes_its_usage() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let rubrica = Binary::of(&app).set("RUBRICA__USAGE__FLUSH_INTERVAL", "30s");
    let mut serving = rubrica.serve().await;
    serving.wait_until_ready().await;
    for _ in 0..3 {
        let request = serving.http().post(serving.url("/public/v1/contacts"));
        let request = request.bearer_auth(&tenant.key).body("{}");
        assert_eq!(request.send().await.expect("an answer").status(), 415);
    }

    serving.signal("TERM");
    let (status, log) = serving.end().await;

    assert_eq!(status, Some(0), "{log:?}");
    assert_eq!(counts(&app, &tenant).await.requests, 3);
}

#[tokio::test]
async fn a_killed_replica_loses_only_the_usage_since_its_last_flush() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let rubrica = Binary::of(&app).set("RUBRICA__USAGE__FLUSH_INTERVAL", "1s");
    let mut serving = rubrica.serve().await;
    serving.wait_until_ready().await;
    let refused = async || {
        let request = serving.http().post(serving.url("/public/v1/contacts"));
        let request = request.bearer_auth(&tenant.key).body("{}");
        assert_eq!(request.send().await.expect("an answer").status(), 415);
    };
    refused().await;
    until_counted(&app, &tenant, 1).await;
    refused().await;

    serving.signal("KILL");
    serving.end().await;

    let counted = counts(&app, &tenant).await.requests;
    assert!([1, 2].contains(&counted), "{counted}");
}

#[tokio::test]
async fn usage_is_kept_until_it_can_be_flushed() {
    let app = TestApp::with_settings(&[SOON]).await;
    let tenant = app.tenant().await;
    let owner = app.sql().await;
    let revoke = "revoke insert on api_key_usage from rubrica_service";
    owner.batch_execute(revoke).await.expect("it is forbidden");

    upsert(&app, &tenant).await;
    until_failing(&app).await;
    upsert(&app, &tenant).await;
    until_failing(&app).await;
    assert_eq!(counts(&app, &tenant).await.requests, 0);
    assert_eq!(key_of(&app, &tenant).await.last_used_at, None);

    let grant = "grant insert on api_key_usage to rubrica_service";
    owner.batch_execute(grant).await.expect("it is allowed");
    until_counted(&app, &tenant, 2).await;
    let flushed = app.metric(&["rubrica_usage_last_flush_timestamp"]).await;
    assert!(flushed > 1e9, "{flushed}");
}

#[tokio::test]
async fn a_flush_whose_reply_was_lost_is_not_counted_again() {
    let proxy = Proxy::to(postgres().await.port()).await;
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let settings = [
        ("database.max_connections", "5"),
        ("batching.direct_connections", "0"),
        ("database.deadline", "1s"),
        SOON,
    ];
    let behind_proxy = app.replica_behind(&proxy, &settings).await;
    upsert(&behind_proxy, &tenant).await;
    until_counted(&app, &tenant, 1).await;

    // In some rounds another statement holds the only connection, so that the flush fails.
    let (mut requests, mut lost_answers) = (1, 0);
    while lost_answers < 2 {
        assert!(requests < 40, "no answer is ever lost");
        proxy.hold_answers();
        let refused = behind_proxy.upsert_text(&tenant.key, "{").await;
        assert_eq!(refused.status, 400, "it needs no database");
        requests += 1;
        until_failing(&behind_proxy).await;
        if counts(&app, &tenant).await.requests == requests {
            lost_answers += 1;
        }

        proxy.release();
        until_flushed(&behind_proxy).await;
        assert_eq!(counts(&app, &tenant).await.requests, requests);
    }
}

#[tokio::test]
async fn usage_is_exact_although_commit_replies_are_lost() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let proxy = Proxy::to_postgres(postgres().await.port()).await;
    let settings = [SOON, ("database.deadline", "1s")];
    let cut = app.replica_behind(&proxy, &settings).await;
    let body = json!({"email": "jane@example.com"});
    // The key is cached from now on: a call without a known key would not be counted.
    cut.upsert(&tenant.key, &body).await.result();
    let mut answered = 1;
    let mut upsert = async || {
        let answer = cut.upsert(&tenant.key, &body).await;
        assert!([200, 503].contains(&answer.status), "{}", answer.text);
        answered += 1;
    };

    // No flush succeeds, although each commits. Then some succeed.
    proxy.cut_commits(1);
    let failed = async || {
        upsert().await;
        failures(&cut).await
    };
    eventually("flushes that fail", failed, |count| *count >= 2.0).await;
    proxy.cut_commits(3);
    for _ in 0..30 {
        upsert().await;
    }
    proxy.cut_commits(0);
    until_flushed(&cut).await;

    assert_eq!(counts(&app, &tenant).await.requests, answered);
}

#[tokio::test]
async fn a_repeated_flush_counts_once() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let store = &app.store;
    let readings = [reading(&tenant, 1, 5), reading(&tenant, 2, 7)];

    for (process, sequence) in [(1, 1), (1, 1), (1, 2), (1, 1), (2, 1), (2, 1)] {
        let recorded = store.record_usage(process, sequence, &readings).await;
        recorded.expect("it is recorded");
    }

    assert_eq!(counts(&app, &tenant).await.requests, 36);
    let at_once = (0..8).map(|_| store.record_usage(2, 2, &readings));
    for recorded in join_all(at_once).await {
        recorded.expect("it is recorded");
    }
    assert_eq!(counts(&app, &tenant).await.requests, 48);
}

#[tokio::test]
async fn concurrent_flushes_of_many_replicas_neither_deadlock_nor_lose_usage() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let mut tenants = vec![tenant.clone()];
    for _ in 0..4 {
        tenants.push(app.key(tenant.company, |_| {}).await);
    }
    let mut readings: Vec<_> = (0..50)
        .flat_map(|hour| tenants.iter().map(move |tenant| reading(tenant, hour, 1)))
        .collect();

    let flushes = join_all((1..=8).map(|process| {
        // Each in a different order.
        readings.rotate_left(30);
        let (store, readings) = (app.store.clone(), readings.clone());
        async move { store.record_usage(process, 1, &readings).await }
    }));
    for recorded in flushes.await {
        recorded.expect("it is recorded");
    }

    for tenant in &tenants {
        assert_eq!(counts(&app, tenant).await.requests, 8 * 50);
        let used = key_of(&app, tenant).await.last_used_at;
        assert_eq!(used, Some(Hour::of_unix_seconds(49 * 3_600).start()));
    }
}

#[tokio::test]
async fn usage_of_more_keys_than_one_statement_takes_is_flushed() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let meters = Arc::new(Meters::new(2500));
    let recorder = Recorder::new(Arc::clone(&meters), app.store.clone(), Arc::default());
    for number in 0..3000 {
        let client = client(number);
        let meter = meters.for_key(tenant.company, &client);
        meter.count(200, ambient::unix_micros());
    }

    recorder.flush().await;
    recorder.flush().await;

    let sql = "select sum(requests)::bigint from api_key_usage";
    assert_eq!(app.count(sql).await, 2500, "beyond that there is no room");
}
