//! Memory for request bodies.

use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::{bound_of, connection_after, tenant, until_in_use, until_status, upsert};
use crate::harness::{Answer, SendAndRead, TestApp};

const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Sends a batch except for its last byte.
async fn stalled_batch(app: &TestApp, key: &str) -> TcpStream {
    let head = format!(
        "POST /public/v1/contacts/batch HTTP/1.1\r\nHost: rubrica\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {BATCH_BYTES}\r\n\r\n"
    );
    let sent = [head.into_bytes(), vec![b' '; BATCH_BYTES - 1]].concat();
    connection_after(app, &sent).await
}

/// Sends this much of a sign-in form.
async fn stalled_sign_in(app: &TestApp, bytes: usize) -> TcpStream {
    let head = "POST /admin/v1/login HTTP/1.1\r\nHost: rubrica\r\n\
         Content-Type: application/json\r\nContent-Length: 16384\r\n\r\n";
    connection_after(app, &[head.as_bytes(), &vec![b' '; bytes]].concat()).await
}

async fn sign_in(app: &TestApp) -> Answer {
    app.request(Method::POST, "/admin/v1/login")
        .json(&json!({"email": "ada@example.com", "password": "a wrong password"}))
        .answer()
        .await
}

#[tokio::test]
async fn the_bodies_of_a_company_are_bounded_and_do_not_affect_others() {
    let app = TestApp::start().await;
    let (loud, quiet) = (tenant(&app).await, tenant(&app).await);
    let second_key = app.key(loud.company, |_| {}).await;

    let first = stalled_batch(&app, &loud.key).await;
    let second = stalled_batch(&app, &second_key.key).await;

    until_in_use(&app, "bodies_kib", 32_768.0).await;
    let refused = upsert(&app, &loud.key).await;
    let bound = bound_of(&refused, 429, "rate_limit_exceeded");
    assert_eq!(bound, "fair_share.company_body_kib");
    upsert(&app, &quiet.key).await.result();
    let refusals = ["rubrica_fair_share_refusals_total", "bodies_kib", "own"];
    assert!(app.metric(&refusals).await >= 1.0);

    // Closing the connections releases their share.
    drop((first, second));
    until_status(200, async || upsert(&app, &loud.key).await).await;
}

#[tokio::test]
async fn all_companies_bodies_together_are_bounded() {
    let settings = [
        ("fair_share.company_body_kib", "16384"),
        ("fair_share.body_kib", "16384"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let (one, other) = (tenant(&app).await, tenant(&app).await);

    let stalled = stalled_batch(&app, &one.key).await;

    until_in_use(&app, "bodies_kib", 16_384.0).await;
    let refused = upsert(&app, &other.key).await;
    let bound = bound_of(&refused, 503, "service_unavailable");
    assert_eq!(bound, "fair_share.body_kib");
    drop(stalled);
    until_status(200, async || upsert(&app, &other.key).await).await;
}

#[tokio::test]
async fn a_declared_content_length_reserves_no_memory() {
    let settings = [
        ("fair_share.company_body_kib", "16384"),
        ("fair_share.body_kib", "16384"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let tenant = tenant(&app).await;
    let head = format!(
        "POST /public/v1/contacts/batch HTTP/1.1\r\nHost: rubrica\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {BATCH_BYTES}\r\n\r\n",
        tenant.key
    );

    let _idle = connection_after(&app, head.as_bytes()).await;

    until_in_use(&app, "uploads", 1.0).await;
    upsert(&app, &tenant.key).await.result();
}

#[tokio::test]
async fn the_concurrent_uploads_of_a_company_are_limited() {
    let app = TestApp::with_settings(&[("fair_share.company_uploads", "1")]).await;
    let (loud, quiet) = (tenant(&app).await, tenant(&app).await);

    let stalled = stalled_batch(&app, &loud.key).await;

    until_in_use(&app, "uploads", 1.0).await;
    let head = format!(
        "POST /public/v1/contacts HTTP/1.1\r\nHost: rubrica\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\nConnection: close\r\n\r\n",
        loud.key
    );
    let mut further = connection_after(&app, head.as_bytes()).await;
    let mut answer = String::new();
    further.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
    assert!(answer.contains("fair_share.company_uploads"), "{answer}");
    // A body that arrives with its head does not wait.
    upsert(&app, &loud.key).await.result();
    upsert(&app, &quiet.key).await.result();
    drop(stalled);
    until_status(200, async || upsert(&app, &loud.key).await).await;
}

#[tokio::test]
async fn a_body_that_arrives_too_slowly_is_refused_early() {
    let settings = [("http.request_timeout", "1h"), ("http.body_rate_kib", "16")];
    let app = TestApp::with_settings(&settings).await;
    let tenant = app.tenant_with_limit("10/24h").await;
    let head = format!(
        "POST /public/v1/contacts HTTP/1.1\r\nHost: rubrica\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{{",
        tenant.key
    );

    let mut stalled = connection_after(&app, head.as_bytes()).await;
    let mut answer = String::new();
    stalled.read_to_string(&mut answer).await.unwrap();

    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("16 KiB/s"), "{answer}");
    // The call counted as one failure.
    assert!(answer.contains("x-ratelimit-remaining: 9"), "{answer}");
}

#[tokio::test]
async fn unauthenticated_bodies_have_a_small_budget_per_address() {
    let app = TestApp::with_settings(&[("auth.failure_limit", "10000")]).await;
    let tenant = tenant(&app).await;

    let mut stalled = vec![];
    for _ in 0..4 {
        stalled.push(stalled_sign_in(&app, 16_383).await);
    }

    until_in_use(&app, "open_bodies_kib", 64.0).await;
    let refused = sign_in(&app).await;
    let bound = bound_of(&refused, 429, "rate_limit_exceeded");
    assert_eq!(bound, "fair_share.address_open_body_kib");
    upsert(&app, &tenant.key).await.result();
    drop(stalled);
    until_status(401, async || sign_in(&app).await).await;
}

#[tokio::test]
async fn an_unauthenticated_call_counts_before_its_body_arrives() {
    let settings = [("auth.failure_limit", "3"), ("auth.failure_window", "1h")];
    let app = TestApp::with_settings(&settings).await;

    let mut stalled = vec![];
    for _ in 0..3 {
        stalled.push(stalled_sign_in(&app, 0).await);
    }

    let refused = until_status(429, async || sign_in(&app).await).await;
    assert_eq!(
        refused.error(429, "rate_limit_exceeded")["details"]["limit"],
        3
    );
}
