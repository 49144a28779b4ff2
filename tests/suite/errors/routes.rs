//! Paths and methods that are not served.

use reqwest::Method;
use serde_json::json;

use super::CONTACTS;
use crate::harness::{SendAndRead, TestApp};

#[tokio::test]
async fn an_unknown_route_is_not_found_even_without_a_key() {
    let app = TestApp::with_settings(&[("auth.failure_limit", "1")]).await;
    let key = app.tenant().await.key;

    for path in [
        "/",
        "/public",
        "/public/v1",
        "/public/v1/contact",
        "/public/v1/contacts/",
        "/public/v2/contacts",
        "/PUBLIC/V1/CONTACTS",
        "//public/v1/contacts",
        "/livez",
        "/readyz",
        "/metrics",
        "/public/v1/contacts%00",
        "/%ff",
        "/?a=b",
    ] {
        for method in [Method::GET, Method::POST] {
            let request = || app.request(method.clone(), path);
            for request in [
                request(),
                request().bearer_auth("x"),
                request().bearer_auth(&key),
            ] {
                let answer = request.answer().await;

                assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
                answer.error(404, "not_found");
                assert!(!answer.headers.contains_key("ratelimit"), "{path}");
            }
        }
    }
    // None of these calls counted as a failed authentication or towards the key's limit.
    app.upsert("x", &json!({})).await.error(401, "unauthorized");
    let answer = app
        .upsert(&key, &json!({"email": "jane@example.com"}))
        .await;
    assert_eq!(answer.header("x-ratelimit-remaining"), "599");
}

#[tokio::test]
async fn another_method_is_refused_with_the_allowed_ones() {
    let app = TestApp::start().await;
    let purge = Method::from_bytes(b"PURGE").unwrap();

    for (path, taken) in [
        (CONTACTS, "POST, GET, HEAD"),
        ("/public/v1/contacts/batch", "POST"),
        ("/public/v1/contacts/1", "GET, HEAD, PUT, PATCH, DELETE"),
        ("/public/v1/contacts/1/consent-events", "GET, HEAD"),
        ("/public/v1/contacts/by-email/jane@example.com", "GET, HEAD"),
    ] {
        for method in [
            &Method::GET,
            &Method::POST,
            &Method::PUT,
            &Method::PATCH,
            &Method::DELETE,
            &Method::OPTIONS,
            &Method::TRACE,
            &purge,
        ] {
            if taken.split(", ").any(|name| name == method.as_str()) {
                continue;
            }
            let answer = app.request(method.clone(), path).answer().await;

            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text);
            answer.error(405, "method_not_allowed");
            assert_eq!(answer.header("allow"), taken, "{method} {path}");
        }
    }
    let path = "/public/v1/contacts/batch";
    let head = app.request(Method::HEAD, path).answer().await;
    assert_eq!(
        (head.status, head.header("allow"), head.text.as_str()),
        (405, "POST", "")
    );
}
