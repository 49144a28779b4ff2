//! Companies, over the admin API.

use rubrica::domain::Role;
use serde_json::{Value, json};

use super::{data, each, text};
use crate::harness::{Answer, PASSWORD, Session, Tenant, TestApp, assert_snapshot, eventually};

async fn upsert(app: &TestApp, tenant: &Tenant, body: &Value) -> Answer {
    app.upsert(&tenant.key, body).await
}

async fn until_status(app: &TestApp, tenant: &Tenant, status: u16) {
    let jane = json!({"email": "jane@example.com"});
    let upsert = async || upsert(app, tenant, &jane).await;
    eventually("the status", upsert, |answer| answer.status == status).await;
}

#[tokio::test]
async fn a_company_is_created_and_read() {
    let app = TestApp::start().await;
    let operator = app.operator().await;

    let created = app
        .admin_post(&operator, "companies", &json!({"name": " Acme "}))
        .await;

    assert_eq!(created.status, 201);
    let company = created.json();
    assert_snapshot("admin.company_created", &company);
    let location = created.header("location");
    let path = location.strip_prefix("/admin/v1/").unwrap();
    let read = app.admin_get(&operator, path).await;
    assert_eq!(read.json(), company);
    let unknown = app.admin_get(&operator, "companies/999").await;
    unknown.error(404, "not_found");
}

#[tokio::test]
async fn companies_are_listed_in_pages() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    for name in ["a", "b", "c", "d", "e"] {
        let body = json!({"name": name});
        app.admin_post(&operator, "companies", &body).await;
    }

    let mut names = Vec::new();
    let mut path = "companies?limit=2".to_owned();
    loop {
        let page = app.admin_get(&operator, &path).await.json();
        names.extend(each(data(&page), "name").into_iter().map(str::to_owned));
        match &page["nextCursor"] {
            Value::Null => break,
            cursor => path = format!("companies?limit=2&cursor={}", text(cursor)),
        }
    }

    assert_eq!(names, ["a", "b", "c", "d", "e"]);
    for query in ["limit=0", "limit=201", "cursor=x", "name=a"] {
        let answer = app
            .admin_get(&operator, &format!("companies?{query}"))
            .await;
        answer.error(400, "bad_request");
    }
}

#[tokio::test]
async fn an_update_changes_only_what_is_sent_and_applies_to_the_keys_of_the_company() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let tenant = app.tenant().await;
    let path = format!("companies/{}", tenant.company);
    let change = async |body: Value| {
        let answer = app.admin_patch(&operator, &path, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    };
    until_status(&app, &tenant, 200).await;

    let suspended = change(json!({"suspended": true})).await;
    assert_eq!(
        (&suspended["suspended"], &suspended["name"]),
        (&json!(true), &json!("Acme"))
    );
    until_status(&app, &tenant, 403).await;
    change(json!({"suspended": false})).await;
    until_status(&app, &tenant, 200).await;

    let changed = change(json!({
        "name": "Acme Inc.",
        "phoneOnlyContacts": true,
        "phoneConflict": "skip",
        "emailConflict": "create",
        "consentOnAddressChange": "reset",
        "strictCustomFields": true,
        "rateLimit": "7/24h",
    }))
    .await;
    for (name, value) in [
        ("name", json!("Acme Inc.")),
        ("phoneOnlyContacts", json!(true)),
        ("phoneConflict", json!("skip")),
        ("emailConflict", json!("create")),
        ("consentOnAddressChange", json!("reset")),
        ("strictCustomFields", json!(true)),
        ("rateLimit", json!("7/86400s")),
        ("suspended", json!(false)),
    ] {
        assert_eq!(changed[name], value, "{name}");
    }
    let by_phone = json!({"phone": "+393391234567"});
    let upsert = async || upsert(&app, &tenant, &by_phone).await;
    eventually("the new limit", upsert, |answer| {
        let limit = answer.headers.get("x-ratelimit-limit");
        limit.is_some_and(|limit| limit == "7")
    })
    .await;
    assert_eq!(
        change(json!({"rateLimit": null})).await["rateLimit"],
        json!(null)
    );
    let unchanged = change(json!({})).await;
    assert_eq!(unchanged["name"], "Acme Inc.");
    for name in [
        "name",
        "phoneOnlyContacts",
        "phoneConflict",
        "emailConflict",
        "consentOnAddressChange",
        "strictCustomFields",
        "suspended",
    ] {
        assert_eq!(change(json!({name: null})).await, unchanged, "{name}");
    }
    let events = app.audit_events("company.update").await;
    let event = events
        .iter()
        .find(|event| event["after"]["emailConflict"] == "create");
    let event = event.expect("it is recorded");
    assert_eq!(event["before"]["emailConflict"], "replace");
    assert_eq!(event["before"]["consentOnAddressChange"], "keep");
    assert_eq!(event["after"]["consentOnAddressChange"], "reset");
}

#[tokio::test]
async fn a_repeated_change_is_recorded_once() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let company = app.tenant().await.company;
    let path = format!("companies/{company}");

    for _ in 0..2 {
        let answer = app
            .admin_patch(&operator, &path, &json!({"suspended": true}))
            .await;
        assert_eq!(answer.status, 200);
    }

    assert_eq!(app.audit_events("company.update").await.len(), 1);
}

#[tokio::test]
async fn bad_values_are_reported_by_field_and_change_nothing() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let company = app.tenant().await.company;
    let path = format!("companies/{company}");
    let before = app.admin_get(&operator, &path).await.json();

    for (body, fields) in [
        (json!({"name": ""}), &["name"][..]),
        (json!({"name": "a\u{7}b"}), &["name"]),
        (json!({"name": "x".repeat(201)}), &["name"]),
        (
            json!({"name": 1, "phoneOnlyContacts": "yes", "phoneConflict": "ignore",
                "emailConflict": "skip", "consentOnAddressChange": true,
                "strictCustomFields": 1, "rateLimit": "many", "suspended": "no"}),
            &[
                "name",
                "phoneOnlyContacts",
                "phoneConflict",
                "emailConflict",
                "consentOnAddressChange",
                "strictCustomFields",
                "rateLimit",
                "suspended",
            ],
        ),
        (json!({"name": "New", "createdAt": "now"}), &["createdAt"]),
        (json!("name"), &["body"]),
    ] {
        let answer = app.admin_patch(&operator, &path, &body).await;

        let error = answer.error(422, "validation_error");
        let errors = error["details"]["errors"].as_array().expect("errors");
        assert_eq!(each(errors, "field"), fields, "{body}");
    }
    assert_eq!(app.admin_get(&operator, &path).await.json(), before);
    for path in ["companies/x", "companies/0", "companies/%00"] {
        let answer = app.admin_get(&operator, path).await;
        answer.error(400, "bad_request");
    }
    let nothing = app.admin_post(&operator, "companies", &json!({})).await;
    nothing.error(422, "validation_error");
}

#[tokio::test]
async fn company_administrators_may_change_the_settings_of_their_company() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    app.admin("ada@example.com", Role::CompanyAdmin(company))
        .await;
    let answer = app.sign_in("ada@example.com", PASSWORD).await;
    let session = Session::of(String::new(), String::new(), &answer);

    let path = format!("companies/{company}");
    let body = json!({"name": "Acme Inc.", "strictCustomFields": true});
    let changed = app.admin_patch(&session, &path, &body).await.json();

    assert_eq!(changed["name"], "Acme Inc.");
    let list = app.admin_get(&session, "companies").await.json();
    assert_eq!(data(&list), [changed]);
}
