//! The retention of usage.

use rubrica::ambient;
use time::Duration;

use super::hours;
use crate::harness::{Tenant, TestApp, eventually};

/// A row for each hour that began this many days ago, and for the hours before it.
async fn insert(app: &TestApp, tenant: &Tenant, days: i32, hours: i32) {
    let sql = "insert into api_key_usage
        select $1, $2, date_trunc('hour', now()) - make_interval(days => $3, hours => n), 1, 0, 0, 0
        from generate_series(0, $4 - 1) as n";
    let (company, client) = (tenant.company.get(), tenant.client.as_str());
    let client_of_database = app.sql().await;
    let inserted = client_of_database
        .execute(sql, &[&company, &client, &days, &hours])
        .await
        .expect("rows");
    assert_eq!(inserted, u64::try_from(hours).unwrap());
}

async fn rows(app: &TestApp) -> i64 {
    app.count("select count(*) from api_key_usage").await
}

#[tokio::test]
async fn usage_older_than_the_retention_is_deleted() {
    let app = TestApp::start().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    for tenant in [&tenant, &other] {
        insert(&app, tenant, 0, 3).await;
        insert(&app, tenant, 29, 5).await;
        // More than one statement deletes.
        insert(&app, tenant, 31, 120).await;
    }

    let _replica = app.replica(&[("usage.retention", "30d")]).await;

    eventually(
        "the deletion",
        async || rows(&app).await,
        |rows| *rows <= 16,
    )
    .await;
    for tenant in [&tenant, &other] {
        let hours = hours(&app, tenant).await;
        assert_eq!(hours.len(), 8);
        assert!(hours[0].hour > ambient::now() - Duration::days(30));
    }
}

#[tokio::test]
async fn one_replica_at_a_time_deletes_usage() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    insert(&app, &tenant, 500, 60).await;
    let busy = app.sql().await;
    let lock = "begin; select pg_advisory_xact_lock(x'72756275736167'::bigint)";
    busy.batch_execute(lock).await.expect("a lock");

    let before = ambient::now() - Duration::days(400);
    let forgotten = app.store.forget_usage(before, ambient::now()).await;
    forgotten.expect("it leaves that to the other");
    assert_eq!(rows(&app).await, 60);

    busy.batch_execute("commit").await.expect("no lock");
    app.store
        .forget_usage(before, ambient::now())
        .await
        .expect("its turn");
    assert_eq!(rows(&app).await, 0);
}

#[tokio::test]
async fn the_usage_of_many_keys_is_deleted() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    // More of them than one statement deletes.
    let sql = "insert into api_keys
            (client_id, company_id, name, secret_hash, token_key_fingerprint, scopes)
        select translate(left(md5(n::text), 12), '0189', 'wxyz'), 1, 'key', 'x', 'x', '{x}'
        from generate_series(1, 250) as n";
    let client = app.sql().await;
    client.batch_execute(sql).await.expect("keys");
    let sql = "insert into api_key_usage
        select company_id, client_id, now() - interval '500 days', 1, 0, 0, 0 from api_keys";
    client.batch_execute(sql).await.expect("rows");
    insert(&app, &tenant, 1, 1).await;

    let before = ambient::now() - Duration::days(400);
    app.store
        .forget_usage(before, ambient::now())
        .await
        .expect("it is deleted");

    assert_eq!(rows(&app).await, 1);
}

#[tokio::test]
async fn flush_records_of_old_processes_are_deleted() {
    let app = TestApp::start().await;
    let sql = "insert into usage_flushes values
        (1, 5, now() - interval '8 days'), (2, 5, now() - interval '6 days')";
    app.sql().await.batch_execute(sql).await.expect("rows");

    let forgotten = app.store.forget_usage(ambient::now(), ambient::now()).await;
    forgotten.expect("they are forgotten");

    let left = "select process_id from usage_flushes where process_id < 3";
    assert_eq!(app.count(left).await, 2);
}
