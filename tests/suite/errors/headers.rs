//! The headers of all responses, and those that name the accepted patch formats.

use reqwest::Method;
use serde_json::json;

use super::CONTACTS;
use crate::harness::{Answer, SendAndRead, TestApp};

const MERGE_PATCH: &str = "application/merge-patch+json";

#[tokio::test]
async fn responses_are_neither_cached_nor_sniffed_but_assets_are_cached() {
    let app = TestApp::start().await;
    let session = app.operator().await;
    let key = app.tenant().await.key;
    let jane = json!({"email": "jane@example.com"});
    let get = |path| app.request(Method::GET, path);

    let answers = [
        app.upsert(&key, &jane).await,
        app.upsert_text(&key, "{").await,
        app.get_contact(&key, "by-email/jane@example.com").await,
        app.get_contact("mn-made-up", "1").await,
        app.delete_contact(&key, "1").await,
        get("/nowhere").answer().await,
        get("/public/v1/contacts/batch").answer().await,
        get("/openapi.json").answer().await,
        app.admin_get(&session, "me").await,
        app.sign_in("nobody@example.com", "x").await,
        get("/console/sign-in").answer().await,
        app.ops("/livez").await,
        app.ops("/readyz").await,
        app.ops("/metrics").await,
        app.ops("/nowhere").await,
    ];
    let file = get("/docs/swagger-ui.css").answer().await;

    for answer in &answers {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
        assert!(!answer.headers.contains_key("strict-transport-security"));
        assert!(answer.headers.contains_key("x-request-id"), "{answer:?}");
    }
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert!(file.header("cache-control").starts_with("public, max-age="));
}

#[tokio::test]
async fn patch_also_accepts_merge_patch_json_and_nothing_else() {
    let app = TestApp::start().await;
    let session = app.operator().await;
    let tenant = app.tenant().await;
    let key = &tenant.key;
    let jane = json!({"email": "jane@example.com"});
    let id = app.upsert(key, &jane).await.result()["contactId"].clone();
    let by_id = format!("{CONTACTS}/{}", id.as_str().unwrap());
    let field = json!({"key": "plan", "type": "text"});
    assert_eq!(app.define(key, &field).await.status, 201);
    let send = async |method: Method, path: &str, credential: &str, form: &str| -> Answer {
        let request = app.request(method, path).bearer_auth(credential);
        let request = request.header("content-type", form).body("{}");
        request.answer().await
    };

    for (path, credential) in [
        (by_id.as_str(), key),
        ("/public/v1/custom-fields/plan", key),
        (
            &format!("/admin/v1/companies/{}", tenant.company),
            &session.access_token,
        ),
        (
            &format!("/admin/v1/keys/{}", tenant.client),
            &session.access_token,
        ),
    ] {
        for form in [
            MERGE_PATCH,
            "Application/Merge-Patch+JSON",
            "application/merge-patch+json; charset=utf-8",
            "application/json",
        ] {
            let answer = send(Method::PATCH, path, credential, form).await;
            assert_eq!(answer.status, 200, "{path}, {form}: {}", answer.text);
            assert_eq!(
                answer.header("accept-patch"),
                "application/json, application/merge-patch+json"
            );
        }
        for form in ["application/json-patch+json", "text/plain"] {
            let answer = send(Method::PATCH, path, credential, form).await;
            answer.error(415, "unsupported_media_type");
            assert!(answer.header("accept-patch").contains(MERGE_PATCH));
        }
        let options = app.request(Method::OPTIONS, path).answer().await;
        options.error(405, "method_not_allowed");
        assert!(options.header("accept-patch").contains(MERGE_PATCH));
    }
    for (method, path) in [(Method::PUT, by_id.as_str()), (Method::POST, CONTACTS)] {
        let answer = send(method, path, key, MERGE_PATCH).await;
        answer.error(415, "unsupported_media_type");
    }
    let list = app.list_contacts(key, "").await;
    assert!(!list.headers.contains_key("accept-patch"));
}
