//! `audit_events`: one row per change, without secrets, append-only.

use serde_json::{Value, json};

use super::{company, key, text};
use crate::harness::{Binary, TestApp, postgres};

struct Event {
    action: String,
    subject: String,
    company: Option<i64>,
    before: Option<Value>,
    after: Option<Value>,
}

async fn events(app: &TestApp) -> Vec<Event> {
    let sql = "select action, subject, company_id, before, after from audit_events order by id";
    let rows = app.sql().await.query(sql, &[]).await.unwrap();
    rows.iter()
        .map(|row| Event {
            action: row.get("action"),
            subject: row.get("subject"),
            company: row.get("company_id"),
            before: row.get("before"),
            after: row.get("after"),
        })
        .collect()
}

#[tokio::test]
async fn each_change_is_recorded_once_with_its_old_and_new_values() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);

    let company = company(&rubrica, "Acme");
    rubrica
        .run(&["company", "update", &company, "--name", "Acme Inc."])
        .text();
    let created = key(&rubrica, &company, &["--rate-limit", "5/1s"]);
    let client = text(&created["clientId"]);
    rubrica
        .run(&["key", "update", client, "--rate-limit", "6/1s"])
        .text();
    let rotated = rubrica.run(&["key", "rotate", client, "--json"]).json();
    rubrica.run(&["key", "revoke", client]).text();
    let admin = [
        "admin",
        "create",
        "--email",
        "a@example.com",
        "--company",
        &company,
    ];
    rubrica
        .run_with_input(&admin, "correct horse battery staple")
        .text();

    let events = events(&app).await;
    let key = format!("key:{client}");
    let successor = format!("key:{}", text(&rotated["clientId"]));
    let seen: Vec<_> = events
        .iter()
        .map(|event| (event.action.as_str(), event.subject.as_str(), event.company))
        .collect();
    assert_eq!(
        seen,
        [
            ("company.create", "company:1", Some(1)),
            ("company.update", "company:1", Some(1)),
            ("key.create", &key, Some(1)),
            ("key.update", &key, Some(1)),
            ("key.create", &successor, Some(1)),
            ("key.rotate", &key, Some(1)),
            ("key.revoke", &key, Some(1)),
            ("admin.create", "admin:1", Some(1)),
        ]
    );
    let member =
        |state: &Option<Value>, name: &str| state.as_ref().map(|state| state[name].clone());
    for (index, name, before, after) in [
        (0, "name", None, json!("Acme")),
        (1, "name", Some(json!("Acme")), json!("Acme Inc.")),
        (2, "rateLimit", None, json!("5/1s")),
        (3, "rateLimit", Some(json!("5/1s")), json!("6/1s")),
        (4, "rateLimit", None, json!("6/1s")),
        (
            5,
            "replacedBy",
            Some(json!(null)),
            rotated["clientId"].clone(),
        ),
        (6, "state", Some(json!("active")), json!("revoked")),
        (7, "companyId", None, json!("1")),
    ] {
        assert_eq!(member(&events[index].before, name), before, "{index}");
        assert_eq!(member(&events[index].after, name), Some(after), "{index}");
    }
    let actors = "select count(*) from audit_events where actor ~ '^cli:.+@.+$'";
    assert_eq!(app.count(actors).await, 8);
}

#[tokio::test]
async fn an_event_holds_no_secret_and_no_hash_of_one() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let created = key(&rubrica, &company, &[]);
    let client = text(&created["clientId"]);
    rubrica
        .run(&["key", "update", client, "--rate-limit", "6/1s"])
        .text();
    let rotated = rubrica.run(&["key", "rotate", client, "--json"]).json();
    rubrica.run(&["key", "revoke", client]).text();

    let sql = "select string_agg(to_jsonb(e)::text, ' ') from audit_events e";
    let all: String = app.sql().await.query_one(sql, &[]).await.unwrap().get(0);

    assert!(all.contains(client));
    assert!(!all.contains("argon2"), "{all}");
    let sql = "select secret_hash from api_keys order by created_at";
    let hashes = app.sql().await.query(sql, &[]).await.unwrap();
    for (made, row) in [created, rotated].iter().zip(&hashes) {
        let secret = text(&made["key"]).rsplit('-').next().unwrap();
        let hash: &str = row.get(0);
        let digest = hash.rsplit('$').next().unwrap();
        for hidden in [secret, &secret[..43], hash, digest] {
            assert!(!all.contains(hidden), "{hidden} in {all}");
        }
    }
}

#[tokio::test]
async fn events_cannot_be_changed_or_deleted() {
    let app = TestApp::start().await;
    company(&Binary::of(&app), "Acme");
    let server = postgres().await;

    for role in ["postgres", "rubrica_owner", "rubrica_service"] {
        let client = server.client(role, app.database()).await;
        for sql in [
            "update audit_events set actor = 'nobody'",
            "delete from audit_events",
            "truncate audit_events",
        ] {
            let refused = client.batch_execute(sql).await.expect_err(sql);

            let code = refused.code().expect("an answer of Postgres").code();
            assert_eq!(code, "42501", "{role}: {sql}: {refused:?}");
        }
    }
    assert_eq!(
        app.count("select count(*) from audit_events where actor <> 'nobody'")
            .await,
        1
    );
}

#[tokio::test]
async fn failed_and_reading_commands_are_not_recorded() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let before = events(&app).await.len();

    for arguments in [
        &["company", "update", "99", "--name", "X"][..],
        &["company", "create", ""],
        &["key", "create", "--company", "99", "--name", "shop"],
        &["key", "update", "aaaaaaaaaaaa", "--rate-limit", "1/1s"],
        &["key", "revoke", "aaaaaaaaaaaa"],
        &["admin", "create", "--email", "a@example.com"],
    ] {
        rubrica.run(arguments).error();
    }
    rubrica.run(&["company", "list"]).text();
    rubrica.run(&["key", "list", "--company", &company]).text();

    assert_eq!(events(&app).await.len(), before);
}
