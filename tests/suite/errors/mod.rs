//! The one envelope of all errors, and the id of each request.

mod head;
mod headers;
mod request_id;
mod routes;
mod timestamps;
mod unread;

use reqwest::Method;
use rubrica::domain::{CompanyChange, Scope};
use serde_json::{Value, json};

use crate::harness::{SendAndRead, Tenant, TestApp};

const CONTACTS: &str = "/public/v1/contacts";

/// A company that may do nothing for now.
async fn suspended_tenant(app: &TestApp) -> Tenant {
    let tenant = app.tenant().await;
    let change = CompanyChange {
        suspended: Some(true),
        ..CompanyChange::default()
    };
    app.change_company(tenant.company, change).await;
    tenant
}

#[tokio::test]
async fn every_error_has_the_one_envelope() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let reader = app.tenant_with_scopes(&[Scope::ContactsRead]).await.key;
    let exhausted = app.tenant_with_limit("1/24h").await.key;
    let jane = json!({"email": "jane@example.com"});
    let john = json!({"email": "john@example.com", "phone": "+393391234567"});
    let conflict = json!({"email": "jane@example.com", "phone": "+393391234567"});
    for (key, body) in [(&key, &jane), (&key, &john), (&exhausted, &jane)] {
        app.upsert(key, body).await.result();
    }
    let bad_phone = json!({"email": "jane@example.com", "phone": "0391234567"});
    let suspended = suspended_tenant(&app).await.key;
    let delete = app.request(Method::DELETE, CONTACTS);

    for (answer, status, code) in [
        (app.upsert_text(&key, "{").await, 400, "bad_request"),
        (app.upsert("mn-made-up", &jane).await, 401, "unauthorized"),
        (app.upsert(&reader, &jane).await, 403, "forbidden"),
        (app.upsert(&suspended, &jane).await, 403, "forbidden"),
        (
            app.request(Method::GET, "/public/v1/x").answer().await,
            404,
            "not_found",
        ),
        (
            delete.bearer_auth(&key).answer().await,
            405,
            "method_not_allowed",
        ),
        (app.upsert(&key, &conflict).await, 409, "duplicate_resource"),
        (
            app.upsert_text(&key, " ".repeat(131_073)).await,
            413,
            "payload_too_large",
        ),
        (
            app.post_contact(&key).body("{}").answer().await,
            415,
            "unsupported_media_type",
        ),
        (app.upsert(&key, &json!({})).await, 422, "validation_error"),
        (
            app.upsert(&key, &bad_phone).await,
            422,
            "invalid_phone_number",
        ),
        (
            app.upsert(&exhausted, &jane).await,
            429,
            "rate_limit_exceeded",
        ),
    ] {
        let error = answer.error(status, code);

        assert_eq!(answer.header("content-type"), "application/json", "{code}");
        assert!(!answer.header("x-request-id").is_empty(), "{code}");
        assert_eq!(answer.json(), json!({"error": error}), "{code}");
        let members: Vec<&String> = error.as_object().unwrap().keys().collect();
        let documented = ["code", "message", "details"];
        assert!(
            members.iter().eq(documented.iter().take(members.len())),
            "{error}"
        );
        assert!(!error["message"].as_str().unwrap().is_empty(), "{error}");
        assert!(
            matches!(error["details"], Value::Null | Value::Object(_)),
            "{error}"
        );
        let has = |name| answer.headers.contains_key(name);
        assert_eq!(has("www-authenticate"), status == 401, "{code}");
        assert_eq!(has("allow"), status == 405, "{code}");
        assert_eq!(has("retry-after"), status == 429, "{code}");
        // What is left is said to every caller whose key is good, and to nobody else.
        assert_eq!(
            has("ratelimit"),
            !matches!(status, 401 | 404 | 405),
            "{code}"
        );
    }
}

#[tokio::test]
async fn a_key_without_the_scope_is_told_which_one_it_lacks() {
    let app = TestApp::start().await;
    let others = [
        Scope::ContactsRead,
        Scope::ContactsErase,
        Scope::CustomFieldsRead,
        Scope::CustomFieldsWrite,
    ];
    let key = app.tenant_with_scopes(&others).await.key;

    // The body is not looked at.
    let error = app.upsert_text(&key, "{").await.error(403, "forbidden");

    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("contacts:write"),
        "{error}"
    );
    assert_eq!(app.contents().await, "");
}

#[tokio::test]
async fn a_suspended_company_may_do_nothing_and_still_sees_its_limits() {
    let app = TestApp::start().await;
    let tenant = suspended_tenant(&app).await;
    let body = json!({"email": "jane@example.com"});

    let answers = [
        app.upsert(&tenant.key, &body).await,
        app.get_contact(&tenant.key, "by-email/jane@example.com")
            .await,
    ];

    for (answer, remaining) in answers.iter().zip(["599", "598"]) {
        let error = answer.error(403, "forbidden");
        assert!(
            error["message"].as_str().unwrap().contains("suspended"),
            "{error}"
        );
        assert_eq!(answer.header("x-ratelimit-limit"), "600");
        assert_eq!(answer.header("x-ratelimit-remaining"), remaining);
    }
    assert_eq!(app.contents().await, "");
}
