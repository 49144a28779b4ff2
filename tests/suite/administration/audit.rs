//! The audit log: what it records, and how it is read.

use std::collections::BTreeSet;

use reqwest::Method;
use rubrica::domain::{Role, Scope};
use serde_json::{Value, json};

use super::{data, each, text};
use crate::harness::{PASSWORD, SendAndRead, Session, TestApp, assert_snapshot};

async fn list(app: &TestApp, session: &Session, query: &str) -> Value {
    let answer = app.admin_get(session, &format!("audit?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    answer.json()
}

#[tokio::test]
async fn each_change_is_recorded_with_its_actor_subject_address_and_request_id() {
    let app = TestApp::with_settings(&[("http.trusted_proxies", "127.0.0.0/8")]).await;
    let operator = app.operator().await;
    let tenant = app.tenant().await;

    let path = format!("companies/{}", tenant.company);
    let request = app
        .admin_call(reqwest::Method::PATCH, &operator, &path)
        .header("x-request-id", "order-4711")
        .header("x-forwarded-for", "2001:db8::7");
    let answer = request.json(&json!({"name": "New"})).answer().await;
    assert_eq!(answer.status, 200);

    let list = list(&app, &operator, "limit=1").await;
    let event = &data(&list)[0];
    assert_snapshot("admin.audit_event", event);
}

#[tokio::test]
async fn every_action_is_recorded_once_under_its_name() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let post = async |path: &str, body: Value| {
        let answer = app.admin_post(&operator, path, &body).await;
        assert!(answer.status < 300, "{path}: {}", answer.text);
        answer.json()
    };
    let created = post("companies", json!({"name": "Acme"})).await;
    let company = format!("companies/{}", text(&created["companyId"]));
    app.admin_patch(&operator, &company, &json!({"suspended": true}))
        .await;
    let key = post(&format!("{company}/keys"), json!({"name": "shop"})).await;
    let old = format!("keys/{}", text(&key["clientId"]));
    app.admin_patch(&operator, &old, &json!({"name": "mobile"}))
        .await;
    let key = post(&format!("{old}/rotate"), json!({})).await;
    let key = format!("keys/{}", text(&key["clientId"]));
    post(&format!("{key}/revoke"), json!({})).await;
    let invitation = json!({"email": "g@example.com", "role": "company_admin",
        "companyId": text(&created["companyId"])});
    let admin = post("admins", invitation).await;
    app.accept_invitation(text(&admin["invitationToken"]), PASSWORD)
        .await;
    let path = format!("admins/{}", text(&admin["adminId"]));
    for action in ["disable", "enable", "invite"] {
        post(&format!("{path}/{action}"), json!({})).await;
    }
    let other = json!({"email": "h@example.com", "role": "operator"});
    let other = post("admins", other).await;
    let path = format!("admins/{}", text(&other["adminId"]));
    let deleted = app.admin_call(Method::DELETE, &operator, &path);
    assert_eq!(deleted.answer().await.status, 204);
    app.sign_out(&operator.refresh_token).await;

    let sql = "select string_agg(action, ' ' order by id) from audit_events";
    let row = app.sql().await.query_one(sql, &[]).await.expect("a text");
    let actions: &str = row.get(0);

    let expected = "admin.create admin.sign_in company.create company.update key.create key.update \
        key.create key.rotate key.revoke admin.invite admin.accept_invitation admin.disable \
        admin.enable admin.invite admin.invite admin.delete admin.sign_out";
    assert_eq!(actions, expected);
    for action in expected.split(' ').collect::<BTreeSet<_>>() {
        let events = app.audit_events(action).await;
        assert_snapshot(&format!("audit.{action}"), &events);
    }
}

#[tokio::test]
async fn events_are_filtered_and_listed_in_pages_newest_first() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let (one, two) = (app.tenant().await, app.tenant().await);
    for name in ["a", "b", "c"] {
        let path = format!("companies/{}", one.company);
        app.admin_patch(&operator, &path, &json!({"name": name}))
            .await;
    }
    let path = format!("keys/{}/revoke", two.client);
    app.admin_post(&operator, &path, &json!({})).await;
    let all = list(&app, &operator, "").await;
    let all = data(&all);
    let actions = async |query: &str| {
        let list = list(&app, &operator, query).await;
        each(data(&list), "action").join(" ")
    };

    assert_eq!(
        each(all, "action").join(" "),
        "key.revoke company.update company.update company.update key.create company.create \
            key.create company.create admin.sign_in admin.create"
    );
    let middle = text(&all[2]["occurredAt"]);
    for (query, expected) in [
        ("action=key.revoke", "key.revoke".to_owned()),
        (
            "actor=admin:1&action=company.update&limit=2",
            "company.update company.update".to_owned(),
        ),
        (
            &format!("companyId={}", two.company),
            "key.revoke key.create company.create".to_owned(),
        ),
        (
            &format!("subject=key:{}", two.client),
            "key.revoke key.create".to_owned(),
        ),
        (
            &format!("from={middle}"),
            each(&all[..3], "action").join(" "),
        ),
        (&format!("to={middle}"), each(&all[3..], "action").join(" ")),
        (&format!("from={middle}&to={middle}"), String::new()),
        ("actor=nobody", String::new()),
    ] {
        assert_eq!(actions(query).await, expected, "{query}");
    }

    let mut seen = Vec::new();
    let mut query = "limit=3".to_owned();
    loop {
        let page = list(&app, &operator, &query).await;
        seen.extend(data(&page).iter().cloned());
        match page["nextCursor"].as_str() {
            Some(cursor) => query = format!("limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, all);
    for query in [
        "actor=%00",
        "companyId=x",
        "from=now",
        "to=",
        "who=me",
        "limit=201",
    ] {
        let answer = app.admin_get(&operator, &format!("audit?{query}")).await;
        answer.error(400, "bad_request");
    }
}

#[tokio::test]
async fn company_administrators_read_the_events_of_their_company() {
    let app = TestApp::start().await;
    let (one, two) = (app.tenant().await.company, app.tenant().await.company);
    let session = app.company_admin(one).await;
    app.operator().await;

    let own = list(&app, &session, "").await;

    let own = data(&own);
    assert!(
        own.iter().all(|event| event["companyId"] == json!(one)),
        "{own:?}"
    );
    let actions = "admin.sign_in admin.create key.create company.create";
    assert_eq!(each(own, "action").join(" "), actions);
    let other = app
        .admin_get(&session, &format!("audit?companyId={two}"))
        .await;
    other.error(404, "not_found");
}

#[tokio::test]
async fn failed_sign_ins_are_recorded_up_to_a_limit_and_without_what_was_typed() {
    let app = TestApp::with_settings(&[
        ("admin.sign_in_limit", "1000"),
        ("auth.failure_limit", "1000"),
    ])
    .await;
    app.admin("ada@example.com", Role::Operator).await;

    for _ in 0..30 {
        app.sign_in("ada@example.com", "a wrong guess").await;
    }
    for number in 0..30 {
        app.sign_in(&format!("hunter{number}@example.com"), PASSWORD)
            .await;
        app.sign_in("my password in the wrong field", "").await;
    }

    let events = app.audit_events_until("admin.sign_in_failed", 40).await;
    let about = |subject: &str| {
        let events = events.iter().filter(|event| event["subject"] == subject);
        events.count()
    };
    assert_eq!((about("admin:1"), about("admin:unknown")), (20, 20));
    assert_eq!(events.len(), 40);
    for event in &events {
        assert_eq!(event["actor"], "anonymous");
        assert_eq!(event["client_address"], "127.0.0.1");
        let typed = event.to_string();
        assert!(
            !typed.contains("hunter") && !typed.contains("guess"),
            "{typed}"
        );
        assert!(!typed.contains("wrong field"), "{typed}");
    }
    let refused = app
        .metric(&["rubrica_admin_sign_ins_total", "refused"])
        .await;
    assert_eq!(refused, 90.0);
}

#[tokio::test]
async fn many_failures_from_one_address_do_not_hide_failures_from_another() {
    let app = TestApp::with_settings(&[
        ("admin.sign_in_limit", "1000"),
        ("auth.failure_limit", "1000"),
        ("http.trusted_proxies", "127.0.0.0/8"),
    ])
    .await;
    app.admin("ada@example.com", Role::Operator).await;
    let fail_from = async |address: &str| {
        let body = json!({"email": "ada@example.com", "password": "a wrong guess"});
        let request = app.admin_request(Method::POST, "/admin/v1/login");
        let request = request.header("x-forwarded-for", address).json(&body);
        request.answer().await.error(401, "unauthorized");
    };
    for _ in 0..25 {
        fail_from("192.0.2.1").await;
    }

    fail_from("198.51.100.1").await;

    let events = app.audit_events_until("admin.sign_in_failed", 21).await;
    let last = events
        .iter()
        .filter(|event| event["client_address"] == "198.51.100.1");
    assert_eq!((events.len(), last.count()), (21, 1));
}

/// A request with an API key through a proxy.
fn sent(request: reqwest::RequestBuilder, id: &str) -> reqwest::RequestBuilder {
    request
        .header("x-request-id", id)
        .header("x-forwarded-for", "192.0.2.7")
}

#[tokio::test]
async fn each_change_of_a_custom_field_is_recorded_with_its_old_and_new_values() {
    let app = TestApp::with_settings(&[("http.trusted_proxies", "127.0.0.0/8")]).await;
    let tenant = app.tenant().await;
    let call = |method: Method, rest: &str, id: &str| {
        sent(app.custom_fields(method, &tenant.key, rest), id)
    };
    let new = json!({"key": "PLAN", "displayName": "Plan", "type": "text"});
    let change = json!({"displayName": "The plan"});

    for (request, status) in [
        (call(Method::POST, "", "create").json(&new), 201),
        // A call that changes nothing is not recorded.
        (call(Method::POST, "", "again").json(&new), 409),
        (call(Method::PATCH, "/PLAN", "update").json(&change), 200),
        (call(Method::PATCH, "/PLAN", "again").json(&change), 200),
        (call(Method::DELETE, "/PLAN", "delete"), 204),
        (call(Method::DELETE, "/PLAN", "again"), 404),
    ] {
        let answer = request.answer().await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }

    for action in ["create", "update", "delete"].map(|action| format!("custom_field.{action}")) {
        let events = app.audit_events(&action).await;
        assert_snapshot(&format!("audit.{action}"), &events);
        assert_eq!(events[0]["actor"], format!("key:{}", tenant.client));
    }
}

#[tokio::test]
async fn lifting_a_suppression_is_recorded_with_contact_ids_and_no_identifier() {
    let app = TestApp::with_settings(&[("http.trusted_proxies", "127.0.0.0/8")]).await;
    let scopes = [Scope::ContactsWrite, Scope::ContactsErase];
    let tenant = app.tenant_with_scopes(&scopes).await;
    let body = json!({"email": "jane@example.com", "marketingConsent": {"email": false}});
    let erased = app.upsert(&tenant.key, &body).await.result();
    let id = text(&erased["contactId"]);
    assert_eq!(app.erase_contact(&tenant.key, id).await.status, 204);
    let lift = |id: &str| {
        let request = app
            .request(Method::DELETE, "/public/v1/suppressions")
            .bearer_auth(&tenant.key);
        sent(request, id).json(&json!({"email": "jane@example.com"}))
    };

    assert_eq!(lift("lift").answer().await.status, 204);
    lift("again").answer().await.error(404, "not_found");

    let events = app.audit_events("suppression.lift").await;
    assert_snapshot("audit.suppression.lift", &events);
    assert_eq!(events[0]["actor"], format!("key:{}", tenant.client));
    let recorded = "select string_agg(e::text, ' ') from audit_events as e";
    let row = app.sql().await.query_one(recorded, &[]).await;
    let recorded: String = row.expect("a text").get(0);
    assert!(!recorded.contains("jane"), "{recorded}");
}
