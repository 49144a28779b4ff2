//! Outages: a bounded wait, an honest status, automatic recovery, and no acknowledged write is lost.

use std::time::Instant;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{
    Answer, Options, Postgres, Proxy, Redis, Tenant, TestApp, eventually, migrate,
};

const CALLERS: usize = 8;

/// The responses to callers that sent new contacts.
struct Load {
    acknowledged: Vec<String>,
    statuses: BTreeMap<u16, usize>,
    unavailable: Option<Answer>,
}

/// Sends new contacts from several callers until `is_over`.
async fn load(app: &TestApp, tenant: &Tenant, is_over: &AtomicBool) -> Load {
    let callers = join_all((0..CALLERS).map(async |caller| {
        let mut answers = Vec::new();
        for number in 0.. {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            let email = format!("jane{caller}.{number}@example.com");
            let answer = app.upsert(&tenant.key, &json!({"email": email})).await;
            answers.push((email, answer));
        }
        answers
    }))
    .await;

    let mut load = Load {
        acknowledged: vec![],
        statuses: BTreeMap::new(),
        unavailable: None,
    };
    for (email, answer) in callers.into_iter().flatten() {
        *load.statuses.entry(answer.status).or_default() += 1;
        match answer.status {
            200 => load.acknowledged.push(email),
            503 => load.unavailable = Some(answer),
            _ => {}
        }
    }
    load
}

async fn upserts(app: &TestApp) -> f64 {
    app.metric(&["rubrica_upserts_total"]).await
}

async fn more_upserts(app: &TestApp) {
    let upserts = async || upserts(app).await;
    let before = upserts().await;
    eventually("more upserts", upserts, |count| *count > before + 20.0).await;
}

async fn until_fallback(app: &TestApp) {
    let fallback = async || app.metric(&["rubrica_rate_limit_fallback"]).await;
    eventually("the fallback", fallback, |active| *active > 0.0).await;
}

async fn until_redis_decides(app: &TestApp) {
    let decided = async || {
        app.metric(&["rate_limit_decisions_total", "limiter=\"redis\""])
            .await
    };
    let before = decided().await;
    eventually("shared limits", decided, |count| *count > before).await;
}

#[tokio::test]
async fn redis_can_be_killed_and_restarted_under_load_without_errors() {
    let redis = Redis::start().await;
    let app = TestApp::with(Options {
        redis: Some(&redis),
        ..Options::default()
    })
    .await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let is_over = AtomicBool::new(false);

    let outage = async {
        more_upserts(&app).await;
        redis.stop("KILL");
        until_fallback(&app).await;
        assert_eq!(app.ops("/readyz").await.status, 200);
        more_upserts(&app).await;
        redis.run();
        redis.wait().await;
        until_redis_decides(&app).await;
        more_upserts(&app).await;
        is_over.store(true, Ordering::Relaxed);
    };
    let (load, ()) = tokio::join!(load(&app, &tenant, &is_over), outage);

    assert_eq!(load.statuses.keys().collect::<Vec<_>>(), [&200]);
}

#[tokio::test]
async fn an_unresponsive_redis_costs_one_timeout_and_causes_no_error() {
    let redis = Redis::start().await;
    let proxy = Proxy::to(redis.port()).await;
    let options = Options {
        settings: vec![
            ("redis.url", format!("redis://127.0.0.1:{}", proxy.port)),
            ("redis.timeout", "50ms".to_owned()),
        ],
        ..Options::default()
    };
    let app = TestApp::with(options).await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let is_over = AtomicBool::new(false);

    let outage = async {
        more_upserts(&app).await;
        proxy.hold_answers();
        until_fallback(&app).await;
        more_upserts(&app).await;
        proxy.release();
        until_redis_decides(&app).await;
        is_over.store(true, Ordering::Relaxed);
    };
    let (load, ()) = tokio::join!(load(&app, &tenant, &is_over), outage);

    assert_eq!(load.statuses.keys().collect::<Vec<_>>(), [&200]);
    assert!(app.metric(&["rubrica_redis_failures_total"]).await > 0.0);
}

/// A server of its own, with a migrated database.
async fn own_postgres() -> (Postgres, String) {
    let postgres = Postgres::start().await;
    let database = postgres.empty_database().await;
    migrate(&postgres, &database).await;
    (postgres, database)
}

async fn survives_an_outage_that_begins_with(signal: &str) {
    let (postgres, database) = own_postgres().await;
    let options = Options {
        postgres: Some(&postgres),
        database: Some(database),
        settings: vec![("database.deadline", "500ms".to_owned())],
        ..Options::default()
    };
    let app = TestApp::with(options).await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let is_over = AtomicBool::new(false);

    let outage = async {
        more_upserts(&app).await;
        let begin = Instant::now();
        postgres.stop(signal);
        let refused = async || app.metric(&["request_duration_seconds_count", "503"]).await;
        eventually("a 503", refused, |count| *count > 0.0).await;
        assert_eq!(
            app.ops("/readyz").await.status,
            200,
            "an outage is no reason to hide"
        );
        postgres.run();
        postgres.wait().await;
        more_upserts(&app).await;
        is_over.store(true, Ordering::Relaxed);
        begin.elapsed()
    };
    let (load, outage_lasted) = tokio::join!(load(&app, &tenant, &is_over), outage);

    assert_eq!(load.statuses.keys().collect::<Vec<_>>(), [&200, &503]);
    let unavailable = load.unavailable.expect("the outage was seen");
    unavailable.error(503, "service_unavailable");
    let wait: u64 = unavailable.header("retry-after").parse().expect("seconds");
    let longest = outage_lasted.as_secs() * 3 / 2 + 3;
    assert!((1..=longest.min(15)).contains(&wait), "{wait}");
    let sql = "select email from contacts where deleted_at is null";
    let rows = app
        .sql()
        .await
        .query(sql, &[])
        .await
        .expect("Postgres is back");
    let stored: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    for email in &load.acknowledged {
        assert!(
            stored.contains(email),
            "{email} was acknowledged and is lost"
        );
    }
}

#[tokio::test]
async fn postgres_can_be_restarted_under_load() {
    survives_an_outage_that_begins_with("INT").await;
}

#[tokio::test]
async fn postgres_can_crash_and_recover_under_load() {
    survives_an_outage_that_begins_with("QUIT").await;
}

#[tokio::test]
async fn a_restart_that_is_shorter_than_the_deadline_is_waited_out() {
    let (postgres, database) = own_postgres().await;
    let options = Options {
        postgres: Some(&postgres),
        database: Some(database),
        settings: vec![("database.deadline", "30s".to_owned())],
        ..Options::default()
    };
    let app = TestApp::with(options).await;
    let tenant = app.tenant().await;
    let body = json!({"email": "jane@example.com"});
    assert_eq!(app.upsert(&tenant.key, &body).await.status, 200);

    postgres.stop("INT");
    let restart = async {
        let retries = async || app.metric(&["database_retries_total"]).await;
        eventually("a retry", retries, |count| *count > 0.0).await;
        postgres.run();
    };
    let (answer, ()) = tokio::join!(app.upsert(&tenant.key, &body), restart);

    assert_eq!(answer.result()["outcome"], "unchanged");
}

#[tokio::test]
async fn an_unresponsive_postgres_is_a_503_within_the_deadline() {
    let postgres = Postgres::start().await;
    let (app, proxy) = TestApp::behind_proxy(&postgres, &[("database.deadline", "300ms")]).await;
    let tenant = app.tenant().await;
    let unknown_key = app.key(tenant.company, |_| {}).await;
    let body = json!({"email": "jane@example.com"});
    assert_eq!(app.upsert(&tenant.key, &body).await.status, 200);

    proxy.hold_answers();
    let known = app
        .upsert(&tenant.key, &json!({"email": "june@example.com"}))
        .await;
    let unknown = app.upsert(&unknown_key.key, &body).await;
    proxy.release();

    known.error(503, "service_unavailable");
    // The key cannot be verified now: that must not be a 401.
    unknown.error(503, "service_unavailable");
    let status = async || app.upsert(&unknown_key.key, &body).await.status;
    eventually("recovery", status, |status| *status == 200).await;
}

#[tokio::test]
async fn callers_that_wait_for_a_failed_lookup_share_its_failure() {
    let postgres = Postgres::start().await;
    let (app, proxy) = TestApp::behind_proxy(&postgres, &[("database.deadline", "1s")]).await;
    let (warm, tenant) = (app.tenant().await, app.tenant().await);
    let body = json!({"email": "jane@example.com"});
    assert_eq!(app.upsert(&warm.key, &body).await.status, 200);
    let lookups = async || app.metric(&["api_key_lookups_total", "database"]).await;
    let before = lookups().await;

    proxy.hold_answers();
    let answers = join_all((0..8).map(|_| app.upsert(&tenant.key, &body))).await;
    proxy.release();

    for answer in answers {
        answer.error(503, "service_unavailable");
    }
    assert_eq!(
        lookups().await - before,
        1.0,
        "one after the other, each would wait for its own"
    );
}
