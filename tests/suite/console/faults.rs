//! The console during outages and over its limits.

use crate::harness::{Options, Postgres, TestApp, eventually, migrate};

#[tokio::test]
async fn an_outage_of_the_database_is_reported_and_recovery_needs_no_restart() {
    let postgres = Postgres::start().await;
    let database = postgres.empty_database().await;
    migrate(&postgres, &database).await;
    let app = TestApp::with(Options {
        postgres: Some(&postgres),
        database: Some(database),
        settings: vec![("database.deadline", "500ms".to_owned())],
        ..Options::default()
    })
    .await;
    let operator = app.visiting_operator().await;

    postgres.stop("INT");
    let answer = app.page(&operator, "companies").await;
    assert_eq!(answer.status, 503);
    assert!(
        answer.text.contains("<h1>Temporarily unavailable</h1>"),
        "{}",
        answer.text
    );
    assert!(answer.headers.contains_key("retry-after"));
    assert!(!answer.text.contains("127.0.0.1"));
    let sign_in = app.console_sign_in("operator@example.com", "any password at all");
    assert_eq!(sign_in.await.status, 503);

    postgres.run();
    let page = async || app.page(&operator, "companies").await;
    eventually("the page", page, |answer| answer.status == 200).await;
}

#[tokio::test]
async fn an_administrator_over_the_rate_limit_gets_the_time_to_wait() {
    let app = TestApp::with_settings(&[("admin.rate_limit", "3")]).await;
    let operator = app.visiting_operator().await;

    let mut answer = app.page(&operator, "companies").await;
    for _ in 0..3 {
        answer = app.page(&operator, "companies").await;
    }

    assert_eq!(answer.status, 429);
    assert!(answer.text.contains("Try again in "), "{}", answer.text);
    assert!(answer.headers.contains_key("retry-after"));
}
