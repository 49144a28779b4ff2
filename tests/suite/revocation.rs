//! The cache of verified keys: what it saves, and that revocations reach it.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rubrica::domain::ApiKeyChange;
use serde_json::json;

use crate::harness::{Options, Proxy, Tenant, TestApp, eventually, postgres};

async fn status(app: &TestApp, tenant: &Tenant) -> u16 {
    app.upsert(&tenant.key, &json!({"email": "jane@example.com"}))
        .await
        .status
}

async fn until_status(app: &TestApp, tenant: &Tenant, wanted: u16) {
    let status = async || status(app, tenant).await;
    eventually("the status", status, |status| *status == wanted).await;
}

async fn database_lookups(app: &TestApp) -> f64 {
    app.metric(&["api_key_lookups_total", "result=\"database\""])
        .await
}

async fn argon2_runs(app: &TestApp) -> f64 {
    app.metric(&["argon2_runs_total"]).await
}

#[tokio::test]
async fn a_verified_key_costs_no_further_query_and_no_further_argon2() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;

    for _ in 0..20 {
        assert_eq!(status(&app, &tenant).await, 200);
    }

    assert_eq!(database_lookups(&app).await, 1.0);
    assert_eq!(argon2_runs(&app).await, 1.0);
}

#[tokio::test]
async fn concurrent_first_requests_of_a_key_share_one_lookup() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;

    let statuses = join_all((0..32).map(|_| status(&app, &tenant))).await;

    assert_eq!(statuses, [200; 32]);
    assert_eq!(database_lookups(&app).await, 1.0);
    assert_eq!(argon2_runs(&app).await, 1.0);
}

#[tokio::test]
async fn an_expired_entry_is_read_again_without_argon2() {
    let app = TestApp::with_settings(&[("auth.cache_ttl", "1ms")]).await;
    let tenant = app.tenant().await;

    for _ in 0..5 {
        assert_eq!(status(&app, &tenant).await, 200);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    assert_eq!(database_lookups(&app).await, 5.0);
    assert_eq!(argon2_runs(&app).await, 1.0);
}

#[tokio::test]
async fn a_key_in_use_is_refreshed_in_the_background_before_it_expires() {
    let proxy = Proxy::to(postgres().await.port()).await;
    let app = TestApp::start_unready(Options::default()).await;
    let ttl = Duration::from_secs(3);
    let behind_proxy = app
        .replica_behind(&proxy, &[("auth.cache_ttl", "3s")])
        .await;
    let tenant = app.tenant().await;
    assert_eq!(status(&behind_proxy, &tenant).await, 200);
    let first_read = Instant::now();

    let lookups = async || {
        assert_eq!(status(&behind_proxy, &tenant).await, 200);
        database_lookups(&behind_proxy).await
    };
    eventually("a second lookup", lookups, |count| *count >= 2.0).await;
    // The lookup has begun; it ends long before the entry.
    tokio::time::sleep((first_read + ttl).saturating_duration_since(Instant::now())).await;
    proxy.hold_answers();
    let answer = behind_proxy.upsert(&tenant.key, &json!({})).await;
    proxy.release();

    // Its key was known, without the database.
    answer.error(422, "validation_error");
}

#[tokio::test]
async fn after_a_race_with_a_revocation_upserts_stay_refused() {
    let settings = [("auth.failure_limit", "100000")];
    let app = TestApp::with_settings(&settings).await;
    let tenant = app.tenant_with_limit("100000/1s").await;
    assert_eq!(status(&app, &tenant).await, 200);
    let calls = join_all((0..64).map(async |index| {
        tokio::time::sleep(Duration::from_millis(index / 4)).await;
        status(&app, &tenant).await
    }));

    let (statuses, ()) = tokio::join!(calls, app.change_key(&tenant.client, ApiKeyChange::Revoke));

    assert!(
        statuses.iter().all(|status| [200, 401].contains(status)),
        "{statuses:?}"
    );
    until_status(&app, &tenant, 401).await;
    let afterwards = join_all((0..16).map(|_| status(&app, &tenant))).await;
    assert_eq!(afterwards, [401; 16]);
}

#[tokio::test]
async fn a_lookup_overtaken_by_a_revocation_is_repeated() {
    // The row of the key is read before the revocation and arrives after it.
    let proxy = Proxy::to(postgres().await.port()).await;
    let app = TestApp::start_unready(Options::default()).await;
    let settings = [("database.deadline", "30s")];
    let behind_proxy = app.replica_behind(&proxy, &settings).await;
    let (warm, tenant) = (app.tenant().await, app.tenant().await);
    assert_eq!(
        status(&behind_proxy, &warm).await,
        200,
        "connections and statements are ready"
    );
    let start = app.sql().await;
    let start = start.query_one("select clock_timestamp()::text", &[]);
    let start: String = start.await.expect("a timestamp").get(0);

    proxy.hold_answers();
    let under_way = async { status(&behind_proxy, &tenant).await };
    let revocation = async {
        // Postgres has read the row, and the proxy holds its answer.
        let read = format!(
            "select count(*) from pg_stat_activity
            where datname = current_database() and application_name = 'rubrica'
                and state = 'idle' and query = 'commit' and query_start > '{start}'"
        );
        eventually("the lookup", async || app.count(&read).await, |n| *n > 0).await;
        app.change_key(&tenant.client, ApiKeyChange::Revoke).await;
        // The cache answers for the other key until a later change arrives; then a lookup is held.
        app.change_key(&warm.client, ApiKeyChange::Revoke).await;
        let lookups = async || {
            let call = behind_proxy.upsert_text(&warm.key, "{");
            let _held = tokio::time::timeout(Duration::from_millis(50), call).await;
            database_lookups(&behind_proxy).await
        };
        eventually("the announcement", lookups, |count| *count > 2.0).await;
        proxy.release();
    };
    let (overtaken, ()) = tokio::join!(under_way, revocation);

    assert_eq!(
        overtaken, 401,
        "it was read again, since a change was announced meanwhile"
    );
    assert_eq!(status(&behind_proxy, &tenant).await, 401);
}
