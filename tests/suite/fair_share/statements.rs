//! Statements in Postgres: their number per company and their duration.

use futures_util::future::join_all;
use serde_json::json;

use super::{tenant, upsert};
use crate::harness::{TestApp, eventually, postgres};

/// Waits until this many statements with this text are active.
async fn until_active(app: &TestApp, text: &str, count: i64) {
    let sql = format!(
        "select count(*) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()
            and state = 'active' and query like '%{text}%'"
    );
    let active = async || app.count(&sql).await;
    eventually(text, active, |active| *active == count).await;
}

#[tokio::test]
async fn the_statements_of_a_company_are_limited_and_do_not_delay_others() {
    let settings = [
        ("fair_share.company_statements", "2"),
        ("database.statement_timeout", "20s"),
        ("database.deadline", "20s"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let (loud, quiet) = (tenant(&app).await, tenant(&app).await);
    let owner = postgres().await.client("postgres", app.database()).await;
    owner
        .batch_execute("begin; lock table contacts in access exclusive mode")
        .await
        .unwrap();

    let calls = join_all((0..6).map(|_| app.list_contacts(&loud.key, "limit=1")));
    let looks = async {
        until_active(&app, "A page of contacts", 2).await;
        let other = app.list_contacts(&quiet.key, "limit=1");
        let look = async {
            until_active(&app, "A page of contacts", 3).await;
            owner.batch_execute("commit").await.unwrap();
        };
        tokio::join!(other, look).0
    };
    let (answers, other) = tokio::join!(calls, looks);

    assert_eq!(other.status, 200, "{}", other.text);
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_single_upsert_ends_with_the_statement_timeout() {
    let settings = [
        ("database.statement_timeout", "300ms"),
        ("database.deadline", "20s"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let tenant = tenant(&app).await;
    sleep_on_insert(&app, 60).await;

    upsert(&app, &tenant.key)
        .await
        .error(503, "service_unavailable");

    until_active(&app, "upsert_contact", 0).await;
    assert_eq!(app.count("select count(*) from contacts").await, 0);
}

#[tokio::test]
async fn a_statement_is_cancelled_at_the_deadline_of_its_caller() {
    let settings = [
        ("database.statement_timeout", "1h"),
        ("database.deadline", "500ms"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let tenant = tenant(&app).await;
    let existing = json!({"email": "old@example.com"});
    let id = app.upsert(&tenant.key, &existing).await.result()["contactId"].clone();
    sleep_on_insert(&app, 600).await;
    let owner = postgres().await.client("postgres", app.database()).await;

    upsert(&app, &tenant.key)
        .await
        .error(503, "service_unavailable");
    until_active(&app, "upsert_contact", 0).await;

    owner
        .batch_execute("begin; lock table contacts in access exclusive mode")
        .await
        .unwrap();
    let id = id.as_str().unwrap();
    for answer in [
        app.list_contacts(&tenant.key, "limit=1").await,
        app.delete_contact(&tenant.key, id).await,
        app.get_contact(&tenant.key, id).await,
    ] {
        answer.error(503, "service_unavailable");
    }
    until_active(&app, "contacts", 0).await;
}

/// Makes each insert of a contact take this many seconds.
async fn sleep_on_insert(app: &TestApp, seconds: u32) {
    let owner = postgres().await.client("postgres", app.database()).await;
    let trigger = format!(
        "create function sleep() returns trigger language plpgsql as
            $$ begin perform pg_sleep({seconds}); return new; end $$;
        create trigger sleep before insert on contacts for each row execute function sleep()"
    );
    owner.batch_execute(&trigger).await.unwrap();
}
