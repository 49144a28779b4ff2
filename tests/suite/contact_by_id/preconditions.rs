//! Preconditions according to RFC 9110, section 13: conditional reads and conditional changes.

use reqwest::Method;
use serde_json::json;

use super::new_contact;
use crate::harness::{Answer, SendAndRead, Tenant, TestApp};

async fn send(
    app: &TestApp,
    tenant: &Tenant,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let is_change = method == Method::PUT || method == Method::PATCH;
    let mut request = app.contact(method, &tenant.key, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if is_change {
        request = request.json(&json!({"customFields": {"n": null}}));
    }
    request.answer().await
}

#[tokio::test]
async fn every_lookup_answers_not_modified_for_the_version_the_caller_has() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let jane = json!({"email": "jane@example.com", "phone": "+393391234567"});
    let id = new_contact(&app, &tenant, &jane).await;
    let tag = app
        .get_contact(&tenant.key, &id)
        .await
        .header("etag")
        .to_owned();
    let weak = format!("W/{tag}");
    let listed = format!("\"a,b\" , W/\"c\",{tag}");

    for path in [
        id.as_str(),
        "by-email/jane@example.com",
        "by-phone/+393391234567",
    ] {
        for value in [tag.as_str(), &weak, &listed, "*"] {
            for method in [Method::GET, Method::HEAD] {
                let headers = [("if-none-match", value)];
                let answer = send(&app, &tenant, method, path, &headers).await;

                assert_eq!(answer.status, 304, "{path}, {value}");
                assert_eq!(answer.text, "");
                assert_eq!(answer.header("etag"), tag);
                assert!(answer.headers.contains_key("ratelimit"));
            }
        }
        for value in [
            "\"0\"",
            "\"\"",
            "W/\"x\"",
            "nonsense",
            &tag.replace('"', ""),
        ] {
            let headers = [("if-none-match", value)];
            let answer = send(&app, &tenant, Method::GET, path, &headers).await;
            assert_eq!(answer.status, 200, "{path}, {value}");
            assert_eq!(answer.header("etag"), tag);
        }
        for (value, status) in [
            (tag.as_str(), 200),
            ("*", 200),
            (&weak, 412),
            ("\"0\"", 412),
            ("nonsense", 412),
        ] {
            let headers = [("if-match", value)];
            let answer = send(&app, &tenant, Method::GET, path, &headers).await;
            assert_eq!(answer.status, status, "{path}, {value}");
        }
        // The expected version is compared first.
        let both = [("if-match", "\"0\""), ("if-none-match", tag.as_str())];
        let answer = send(&app, &tenant, Method::GET, path, &both).await;
        answer.error(412, "precondition_failed");
    }
    let changed = json!({"customFields": {"n": 1}});
    app.put_contact(&tenant.key, &id, &changed).await;
    let headers = [("if-none-match", tag.as_str())];
    let answer = send(&app, &tenant, Method::GET, &id, &headers).await;
    assert_eq!(answer.status, 200);
    assert_ne!(answer.header("etag"), tag);
}

#[tokio::test]
async fn an_unknown_contact_is_not_found_whatever_the_precondition() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;

    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        for header in ["if-match", "if-none-match"] {
            for value in ["*", "\"0\""] {
                let headers = [(header, value)];
                let answer = send(&app, &tenant, method.clone(), "999999", &headers).await;
                answer.error(404, "not_found");
            }
        }
    }
}

#[tokio::test]
async fn a_change_of_another_version_is_refused() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let id = new_contact(&app, &tenant, &json!({"email": "jane@example.com"})).await;
    let tag = app
        .get_contact(&tenant.key, &id)
        .await
        .header("etag")
        .to_owned();
    let weak = format!("W/{tag}");

    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        for value in ["*", &tag, &weak] {
            let headers = [("if-none-match", value)];
            let answer = send(&app, &tenant, method.clone(), &id, &headers).await;
            answer.error(412, "precondition_failed");
        }
    }
    let unchanged = app.get_contact(&tenant.key, &id).await;
    assert_eq!(unchanged.header("etag"), tag);
    let headers = [("if-match", tag.as_str()), ("if-none-match", "\"0\"")];
    for (method, status) in [
        (Method::PUT, 200),
        (Method::PATCH, 200),
        (Method::DELETE, 204),
    ] {
        let answer = send(&app, &tenant, method, &id, &headers).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_deleted_contact_has_no_version_and_is_restored_by_if_none_match() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let id = new_contact(&app, &tenant, &json!({"email": "jane@example.com"})).await;
    assert_eq!(app.delete_contact(&tenant.key, &id).await.status, 204);

    let any = send(&app, &tenant, Method::PUT, &id, &[("if-match", "*")]).await;
    let none = send(&app, &tenant, Method::PUT, &id, &[("if-none-match", "*")]).await;

    any.error(412, "precondition_failed");
    assert_eq!(none.status, 200, "{}", none.text);
    assert_eq!(app.get_contact(&tenant.key, &id).await.status, 200);
}
