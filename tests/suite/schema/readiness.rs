//! Readiness: a replica starts without a database, and is ready when the schema is compatible.

use serde_json::{Value, json};

use crate::harness::{
    Binary, Options, Postgres, TestApp, assert_snapshot, eventually, fresh_database, migrate,
    postgres,
};

async fn unready(database: String) -> TestApp {
    TestApp::start_unready(Options {
        database: Some(database),
        ..Options::default()
    })
    .await
}

/// Waits until `/readyz` is red for this reason, and returns the whole report.
async fn until_red(app: &TestApp, reason: &str) -> Value {
    let report = async || {
        let report = app.ops("/readyz").await;
        assert_eq!(report.status, 503, "{}", report.text);
        report
    };
    eventually(reason, report, |report| report.text.contains(reason))
        .await
        .json()
}

#[tokio::test]
async fn on_an_empty_database_a_replica_asks_for_migrate_and_is_ready_afterwards() {
    let app = unready(postgres().await.empty_database().await).await;

    let report = until_red(&app, "run `rubrica migrate`").await;
    assert_snapshot("readyz.empty_database", &report);
    let refused = app
        .upsert("any key", &json!({"email": "a@example.com"}))
        .await;
    assert_eq!(app.ops("/livez").await.status, 200);
    refused.error(503, "service_unavailable");
    assert_snapshot("error.service_unavailable", &refused.json());
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);

    Binary::of(&app).run(&["migrate"]).text();

    app.wait_until_ready().await;
    let tenant = app.tenant().await;
    let answer = app
        .upsert(&tenant.key, &json!({"email": "a@example.com"}))
        .await;
    assert_eq!(answer.result()["outcome"], "created");
}

#[tokio::test]
async fn on_an_older_schema_a_replica_asks_for_migrate() {
    let database = fresh_database().await;
    let owner = postgres().await.client("rubrica_owner", &database).await;
    let older = "delete from schema_migrations
        where version = (select max(version) from schema_migrations)";
    owner.batch_execute(older).await.unwrap();

    let app = unready(database).await;

    let report = until_red(&app, "run `rubrica migrate`").await;
    assert_snapshot("readyz.older_schema", &report);
}

#[tokio::test]
async fn a_newer_schema_is_accepted_unless_it_needs_a_newer_release() {
    let database = fresh_database().await;
    let owner = postgres().await.client("rubrica_owner", &database).await;
    let newer = "insert into schema_migrations values (999, 'later', 'x', '0.0.1')";
    owner.batch_execute(newer).await.unwrap();
    let fine = unready(database.clone()).await;
    fine.wait_until_ready().await;

    let too_new = "update schema_migrations set least_release = '99.0.0' where version = 999";
    owner.batch_execute(too_new).await.unwrap();
    let app = unready(database).await;

    let report = until_red(&app, "release 99.0.0 or newer").await;
    assert_snapshot("readyz.newer_schema", &report);
    assert_eq!(app.ops("/livez").await.status, 200);
    let refused = app
        .upsert("any key", &json!({"email": "a@example.com"}))
        .await;
    refused.error(503, "service_unavailable");
}

#[tokio::test]
async fn on_older_functions_a_replica_asks_for_migrate() {
    for older in [
        "delete from schema_functions",
        "update schema_functions set version = 0, checksum = 'other'",
        "update schema_functions set release = '0.1.0', checksum = 'other'",
        "revoke select on schema_functions from rubrica_service",
    ] {
        let database = fresh_database().await;
        let server = postgres().await;
        let owner = server.client("rubrica_owner", &database).await;
        owner.batch_execute(older).await.expect(older);
        let app = unready(database).await;

        let report = until_red(&app, "run `rubrica migrate`").await;
        assert!(
            report["status"].to_string().contains("functions"),
            "{report}"
        );
        let refused = app
            .upsert("any key", &json!({"email": "a@example.com"}))
            .await;
        refused.error(503, "service_unavailable");

        Binary::of(&app).run(&["migrate"]).text();
        app.wait_until_ready().await;
    }
}

#[tokio::test]
async fn newer_functions_are_accepted_unless_they_need_a_newer_release() {
    let database = fresh_database().await;
    let owner = postgres().await.client("rubrica_owner", &database).await;
    let newer = "insert into schema_functions (version, checksum, release, least_release)
        values (1, 'other', '99.0.0', '0.0.1')";
    owner.batch_execute(newer).await.unwrap();
    let fine = unready(database.clone()).await;
    fine.wait_until_ready().await;

    let too_new = "update schema_functions set least_release = '99.0.0' where release = '99.0.0'";
    owner.batch_execute(too_new).await.unwrap();
    let app = unready(database).await;

    let report = until_red(&app, "release 99.0.0 or newer").await;
    assert_snapshot("readyz.newer_functions", &report);
}

#[tokio::test]
async fn without_postgres_a_replica_starts_and_is_ready_when_postgres_is_up() {
    let server = Postgres::start().await;
    let database = server.empty_database().await;
    migrate(&server, &database).await;
    server.stop("INT");
    let app = TestApp::start_unready(Options {
        postgres: Some(&server),
        database: Some(database),
        ..Options::default()
    })
    .await;

    let report = until_red(&app, "the database has not answered").await;
    assert_snapshot("readyz.postgres_down", &report);
    let refused = app
        .upsert("any key", &json!({"email": "a@example.com"}))
        .await;
    assert_eq!(app.ops("/livez").await.status, 200);
    refused.error(503, "service_unavailable");

    server.run();
    server.wait().await;

    app.wait_until_ready().await;
    let tenant = app.tenant().await;
    assert_snapshot("readyz.ready", &app.ops("/readyz").await.json());
    let answer = app
        .upsert(&tenant.key, &json!({"email": "a@example.com"}))
        .await;
    assert_eq!(answer.result()["outcome"], "created");
}

#[tokio::test]
async fn a_pool_of_three_connections_serves_many_concurrent_callers() {
    let settings = [
        ("database.max_connections", "3"),
        ("batching.writers", "1"),
        ("batching.readers", "1"),
        ("batching.direct_connections", "0"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let tenant = app.tenant().await;

    let answers = futures_util::future::join_all((0..50).map(|number| {
        let body = json!({"email": format!("{number}@example.com")});
        let (app, key) = (&app, &tenant.key);
        async move { app.upsert(key, &body).await }
    }))
    .await;

    for answer in answers {
        assert_eq!(answer.result()["outcome"], "created");
    }
}
