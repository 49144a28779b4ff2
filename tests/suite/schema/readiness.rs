//! A replica is up before it is ready: it waits for a database and a schema that fits.

use serde_json::json;

use crate::harness::{
    Binary, Options, Postgres, TestApp, eventually, fresh_database, migrate, postgres,
};

async fn unready(database: String) -> TestApp {
    TestApp::start_unready(Options {
        database: Some(database),
        ..Options::default()
    })
    .await
}

/// What `/readyz` says while it is red.
#[track_caller]
fn status(answer: &crate::harness::Answer) -> String {
    assert_eq!(answer.status, 503, "{}", answer.text);
    answer.json()["status"].as_str().expect("a text").to_owned()
}

/// Waits until `/readyz` is red with these words.
async fn until_status(app: &TestApp, words: &str) {
    let status = async || status(&app.ops("/readyz").await);
    eventually(words, status, |status| status.contains(words)).await;
}

#[tokio::test]
async fn on_an_empty_database_it_is_up_says_what_to_do_and_is_ready_once_that_is_done() {
    let app = unready(postgres().await.empty_database().await).await;

    until_status(&app, "run `rubrica migrate`").await;
    let refused = app
        .upsert("any key", &json!({"email": "a@example.com"}))
        .await;
    assert_eq!(app.ops("/livez").await.status, 200);
    refused.error(503, "service_unavailable");
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
async fn on_an_older_schema_it_waits_for_migrate() {
    let database = fresh_database().await;
    let owner = postgres().await.client("rubrica_owner", &database).await;
    let older = "delete from schema_migrations
        where version = (select max(version) from schema_migrations)";
    owner.batch_execute(older).await.unwrap();

    let app = unready(database).await;

    until_status(&app, "run `rubrica migrate`").await;
}

#[tokio::test]
async fn a_newer_schema_is_fine_unless_it_names_a_newer_release_as_the_least() {
    let database = fresh_database().await;
    let owner = postgres().await.client("rubrica_owner", &database).await;
    let newer = "insert into schema_migrations values (999, 'later', 'x', '0.0.1')";
    owner.batch_execute(newer).await.unwrap();
    let fine = unready(database.clone()).await;
    fine.wait_until_ready().await;

    let too_new = "update schema_migrations set least_release = '99.0.0' where version = 999";
    owner.batch_execute(too_new).await.unwrap();
    let app = unready(database).await;

    until_status(&app, "release 99.0.0 or newer").await;
    assert_eq!(app.ops("/livez").await.status, 200);
    let refused = app
        .upsert("any key", &json!({"email": "a@example.com"}))
        .await;
    refused.error(503, "service_unavailable");
}

#[tokio::test]
async fn on_older_functions_it_waits_for_migrate() {
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

        until_status(&app, "functions").await;
        until_status(&app, "run `rubrica migrate`").await;
        let refused = app
            .upsert("any key", &json!({"email": "a@example.com"}))
            .await;
        refused.error(503, "service_unavailable");

        Binary::of(&app).run(&["migrate"]).text();
        app.wait_until_ready().await;
    }
}

#[tokio::test]
async fn newer_functions_are_fine_unless_they_name_a_newer_release_as_the_least() {
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

    until_status(&app, "release 99.0.0 or newer").await;
}

#[tokio::test]
async fn without_postgres_it_starts_and_is_ready_when_postgres_comes() {
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

    until_status(&app, "the database has not answered").await;
    let report = app.ops("/readyz").await.json();
    let refused = app
        .upsert("any key", &json!({"email": "a@example.com"}))
        .await;
    assert_eq!(report["postgres"], "down");
    assert_eq!(app.ops("/livez").await.status, 200);
    refused.error(503, "service_unavailable");

    server.run();
    server.wait().await;

    app.wait_until_ready().await;
    let tenant = app.tenant().await;
    assert_eq!(app.ops("/readyz").await.json()["postgres"], "up");
    let answer = app
        .upsert(&tenant.key, &json!({"email": "a@example.com"}))
        .await;
    assert_eq!(answer.result()["outcome"], "created");
}

#[tokio::test]
async fn a_pool_of_three_connections_serves_many_callers_at_once() {
    let settings = [
        ("database.max_connections", "3"),
        ("groups.writers", "1"),
        ("groups.readers", "1"),
        ("groups.at_once", "0"),
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
