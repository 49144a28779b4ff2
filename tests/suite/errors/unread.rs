//! Parameters that a call would ignore are refused.

use reqwest::{Method, RequestBuilder};
use rubrica::domain::Scope;
use serde_json::json;

use super::CONTACTS;
use crate::harness::{SendAndRead, TestApp};
use crate::openapi::Specification;

const ALL_SCOPES: [Scope; 5] = [
    Scope::ContactsRead,
    Scope::ContactsWrite,
    Scope::ContactsErase,
    Scope::CustomFieldsRead,
    Scope::CustomFieldsWrite,
];

/// The same request with one more query parameter.
fn with_parameter(app: &TestApp, request: RequestBuilder, name: &str) -> RequestBuilder {
    let mut request = request.build().expect("a request");
    request.url_mut().query_pairs_mut().append_pair(name, "1");
    RequestBuilder::from_parts(app.http.clone(), request)
}

#[tokio::test]
async fn an_unknown_query_parameter_is_refused_by_every_operation_of_both_apis() {
    let app = TestApp::start().await;
    let key = app.tenant_with_scopes(&ALL_SCOPES).await.key;
    let token = app.operator().await.access_token;
    let mut refused = 0;
    for (specification, credential) in [
        (Specification::of(&app).await, &key),
        (Specification::of_administration(&app).await, &token),
    ] {
        for operation in specification.operations() {
            let request = operation.request(&app, &specification, false);
            let request = with_parameter(&app, request.bearer_auth(credential), "dryRun");

            let answer = request.answer().await;

            assert_eq!(answer.status, 400, "{}: {}", operation.name(), answer.text);
            let message = answer.error(400, "bad_request")["message"].to_string();
            assert!(message.contains("dryRun"), "{message}");
            assert!(message.contains("remove it"), "{message}");
            specification.check_answer(&operation, &answer);
            refused += 1;
        }
    }
    assert!(refused > 30, "{refused}");
    // Nothing was written by any of them.
    assert_eq!(app.contents().await, "");
}

#[tokio::test]
async fn endpoints_without_a_key_refuse_unknown_query_parameters() {
    let app = TestApp::start().await;

    for path in [
        "/openapi.json",
        "/docs",
        "/docs/",
        "/docs/swagger-ui.css",
        "/admin/openapi.json",
        "/admin/docs/",
    ] {
        let answer = app.request(Method::GET, &format!("{path}?x=1")).answer();
        answer.await.error(400, "bad_request");
    }
    for path in ["/livez?x=1", "/readyz?verbose", "/metrics?name=x"] {
        app.ops(path).await.error(400, "bad_request");
    }
}

#[tokio::test]
async fn the_key_is_checked_before_the_query_and_a_refused_query_counts() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let path = format!("{CONTACTS}?dryRun=true");
    let post = |key: &str| {
        let request = app.request(Method::POST, &path).bearer_auth(key);
        request.json(&json!({"email": "jane@example.com"})).answer()
    };

    post("mn-made-up").await.error(401, "unauthorized");
    let refused = post(&key).await;

    refused.error(400, "bad_request");
    assert_eq!(refused.header("x-ratelimit-remaining"), "599");
}

#[tokio::test]
async fn a_query_parameter_that_is_sent_twice_is_refused() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_scopes(&ALL_SCOPES).await;

    for query in [
        "limit=1&limit=2",
        "limit=1&limit=1",
        "deleted=only&deleted=only",
        "consent.email=true&limit=1&consent.email=false",
        "limit=1&%6cimit=2",
    ] {
        let error = app.list_contacts(&tenant.key, query).await;
        let message = error.error(400, "bad_request")["message"].to_string();
        assert!(message.contains("twice"), "{query}: {message}");
    }
    let lift = "/public/v1/suppressions?phone=%2B393391234567&phone=%2B393391234568";
    let request = app.request(Method::DELETE, lift).bearer_auth(&tenant.key);
    request.answer().await.error(400, "bad_request");
}

#[tokio::test]
async fn every_write_without_preconditions_refuses_them() {
    let app = TestApp::start().await;
    let key = app.tenant_with_scopes(&ALL_SCOPES).await.key;
    let token = app.operator().await.access_token;
    let obeying = ["updateContact", "updateContactWithPut", "deleteContact"];
    for (specification, credential) in [
        (Specification::of(&app).await, &key),
        (Specification::of_administration(&app).await, &token),
    ] {
        for operation in specification.operations() {
            let id = operation.value["operationId"].as_str().expect("an id");
            if operation.method == Method::GET || obeying.contains(&id) {
                continue;
            }
            for name in ["If-Match", "If-None-Match"] {
                let request = operation.request(&app, &specification, false);
                let answer = request.bearer_auth(credential).header(name, "*").answer();

                let answer = answer.await;

                assert_eq!(answer.status, 400, "{id}: {}", answer.text);
                let message = answer.error(400, "bad_request")["message"].to_string();
                assert!(message.ends_with(&format!(" {name}\"")), "{message}");
            }
        }
    }
    assert_eq!(app.contents().await, "");
}
