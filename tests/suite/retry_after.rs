//! `Retry-After`: it follows from the length of the outage.

use std::time::Instant;

use serde_json::{Value, json};

use crate::harness::{Answer, Options, Proxy, Redis, Tenant, TestApp, eventually, postgres};

fn seconds(answer: &Answer) -> u64 {
    answer.header("retry-after").parse().expect("whole seconds")
}

async fn upsert(app: &TestApp, tenant: &Tenant) -> Answer {
    let body = json!({"email": "jane@example.com"});
    app.upsert(&tenant.key, &body).await
}

/// The `Retry-After` of a call while the database is unreachable.
async fn refused(app: &TestApp, tenant: &Tenant) -> u64 {
    let answer = upsert(app, tenant).await;
    let error = answer.error(503, "service_unavailable");
    let wait = seconds(&answer);
    assert_eq!(error["details"], json!({"retryAfterSeconds": wait}));
    wait
}

async fn until_served(app: &TestApp, tenant: &Tenant) {
    let status = async || upsert(app, tenant).await.status;
    eventually("recovery", status, |status| *status == 200).await;
}

/// A replica with a short deadline behind a proxy that can hold the replies of the database.
async fn behind_a_proxy(app: &TestApp, tenant: &Tenant) -> (TestApp, Proxy) {
    let proxy = Proxy::to(postgres().await.port()).await;
    let settings = [("database.deadline", "200ms")];
    let replica = app.replica_behind(&proxy, &settings).await;
    until_served(&replica, tenant).await;
    (replica, proxy)
}

#[tokio::test]
async fn retry_after_grows_with_the_length_of_an_outage() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let (replica, proxy) = behind_a_proxy(&app, &tenant).await;

    let start = Instant::now();
    proxy.hold_answers();
    let wait = async || refused(&replica, &tenant).await;
    let wait = eventually("a longer wait", wait, |wait| *wait > 3).await;
    let lasted = start.elapsed().as_secs_f64();
    proxy.release();
    until_served(&replica, &tenant).await;
    proxy.hold_answers();
    let begun = Instant::now();
    let again = refused(&replica, &tenant).await;
    let lasted_again = begun.elapsed().as_secs_f64();
    proxy.release();

    #[expect(clippy::cast_precision_loss, reason = "a few seconds")]
    let is_within =
        |wait: u64, lasted: f64| wait as f64 <= (lasted * 1.5).max(lasted + 2.0).max(3.0) + 1.0;
    assert!(is_within(wait, lasted), "{wait} s after {lasted} s");
    assert!(
        is_within(again, lasted_again),
        "{again} s after {lasted_again} s"
    );
}

#[tokio::test]
async fn an_unavailable_contact_of_a_batch_has_a_retry_after() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let (replica, proxy) = behind_a_proxy(&app, &tenant).await;
    let batch = [
        json!({"email": "jane@"}),
        json!({"email": "jane@example.com"}),
    ];

    proxy.hold_answers();
    let answer = replica.upsert_batch(&tenant.key, &batch).await;
    proxy.release();

    assert_eq!(answer.status, 207);
    let results = answer.json();
    assert_eq!(
        results[0]["error"]["details"].get("retryAfterSeconds"),
        None
    );
    let error = &results[1]["error"];
    assert_eq!(error["code"], "service_unavailable");
    let wait = error["details"]["retryAfterSeconds"].as_u64();
    assert!(wait.is_some_and(|wait| (1..=15).contains(&wait)), "{error}");
}

#[tokio::test]
async fn a_limiter_that_denies_without_redis_sends_a_retry_after() {
    let redis = Redis::start().await;
    let app = TestApp::with(Options {
        redis: Some(&redis),
        settings: vec![("rate_limit.on_redis_failure", "deny".to_owned())],
        ..Options::default()
    })
    .await;
    let tenant = app.tenant().await;
    assert_eq!(upsert(&app, &tenant).await.status, 200);
    redis.stop("KILL");

    let start = Instant::now();
    let answer = upsert(&app, &tenant).await;
    let longest = start.elapsed().as_secs() * 3 / 2 + 3;

    let details: Value = answer.error(503, "service_unavailable")["details"].clone();
    assert_eq!(details, json!({"retryAfterSeconds": seconds(&answer)}));
    assert!((1..=longest).contains(&seconds(&answer)));
}
