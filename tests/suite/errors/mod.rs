//! The one envelope of all errors, and the id of each request.

mod head;
mod headers;
mod request_id;
mod routes;
mod timestamps;
mod unread;

use reqwest::Method;
use rubrica::domain::{CompanyChange, Scope};
use serde_json::json;

use crate::harness::{SendAndRead, Tenant, TestApp, assert_snapshot};

const CONTACTS: &str = "/public/v1/contacts";

/// A suspended company.
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

    for (name, answer, status) in [
        ("bad_request", app.upsert_text(&key, "{").await, 400),
        ("unauthorized", app.upsert("mn-made-up", &jane).await, 401),
        ("missing_scope", app.upsert(&reader, &jane).await, 403),
        ("suspended", app.upsert(&suspended, &jane).await, 403),
        (
            "not_found",
            app.request(Method::GET, "/public/v1/x").answer().await,
            404,
        ),
        (
            "method_not_allowed",
            delete.bearer_auth(&key).answer().await,
            405,
        ),
        ("duplicate_resource", app.upsert(&key, &conflict).await, 409),
        (
            "payload_too_large",
            app.upsert_text(&key, " ".repeat(131_073)).await,
            413,
        ),
        (
            "unsupported_media_type",
            app.post_contact(&key).body("{}").answer().await,
            415,
        ),
        ("validation_error", app.upsert(&key, &json!({})).await, 422),
        (
            "invalid_phone_number",
            app.upsert(&key, &bad_phone).await,
            422,
        ),
        (
            "rate_limit_exceeded",
            app.upsert(&exhausted, &jane).await,
            429,
        ),
    ] {
        let code = match name {
            "missing_scope" | "suspended" => "forbidden",
            code => code,
        };
        answer.error(status, code);

        assert_snapshot(&format!("error.{name}"), &answer.json());
        assert_eq!(answer.header("content-type"), "application/json", "{name}");
        assert!(!answer.header("x-request-id").is_empty(), "{name}");
        let has = |name| answer.headers.contains_key(name);
        assert_eq!(has("www-authenticate"), status == 401, "{code}");
        assert_eq!(has("allow"), status == 405, "{code}");
        assert_eq!(has("retry-after"), status == 429, "{code}");
        // Only callers with a good key learn what is left of their limit.
        assert_eq!(
            has("ratelimit"),
            !matches!(status, 401 | 404 | 405),
            "{code}"
        );
    }
}

#[tokio::test]
async fn an_error_names_the_missing_scope() {
    let app = TestApp::start().await;
    let others = [
        Scope::ContactsRead,
        Scope::ContactsErase,
        Scope::CustomFieldsRead,
        Scope::CustomFieldsWrite,
    ];
    let key = app.tenant_with_scopes(&others).await.key;

    // The body is not read.
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
async fn a_suspended_company_is_refused_and_still_sees_its_limits() {
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
