//! The id of each request.

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::json;

use super::CONTACTS;
use crate::harness::{Answer, Binary, SendAndRead, TestApp};

#[tokio::test]
async fn every_response_has_the_request_id_of_the_caller_or_a_new_one() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let send = async |id: &[u8]| -> Vec<Answer> {
        let id = HeaderValue::from_bytes(id).unwrap();
        let jane = json!({"email": "jane@example.com"});
        let mut answers = vec![];
        for request in [
            app.post_contact(&key).json(&jane),
            app.post_contact(&key).json(&json!([])),
            app.post_contact("x").json(&jane),
            app.request(Method::GET, "/nowhere"),
            app.request(Method::PUT, CONTACTS),
        ] {
            answers.push(request.header("x-request-id", id.clone()).answer().await);
        }
        answers
    };

    for id in ["x", "01234567-89ab", "a \"b\" {c} ~!", &"i".repeat(128)] {
        for answer in send(id.as_bytes()).await {
            assert_eq!(answer.header("x-request-id"), id, "{}", answer.status);
        }
    }

    let mut made = vec![];
    for id in [
        b"".as_slice(),
        b"a\tb",
        b"caf\xe9",
        "café".as_bytes(),
        &[b'i'; 129],
    ] {
        for answer in send(id).await {
            let new = answer.header("x-request-id").to_owned();
            assert!((16..=128).contains(&new.len()), "{new}");
            assert!(!made.contains(&new), "{new} came twice");
            made.push(new);
        }
    }
    let without = app
        .upsert(&key, &json!({"email": "jane@example.com"}))
        .await;
    assert!(!made.contains(&without.header("x-request-id").to_owned()));
}

#[tokio::test]
async fn an_invalid_request_id_is_neither_echoed_nor_recorded() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let serving = Binary::of(&app).serve().await;
    serving.wait_until_ready().await;
    let path = serving.url("/admin/v1/companies");
    let create = |id: &str| {
        let request = serving
            .http()
            .post(&path)
            .bearer_auth(&operator.access_token);
        let request = request.header("x-request-id", id);
        request.json(&json!({"name": "Acme"})).answer()
    };
    let last_recorded = async || {
        let events = app.audit_events("company.create").await;
        let id = &events.last().expect("an event")["request_id"];
        id.as_str().expect("an id").to_owned()
    };

    for id in ["order-4711", "A.b_c-9", &"i".repeat(128)] {
        assert_eq!(create(id).await.header("x-request-id"), id);
        assert_eq!(last_recorded().await, id);
    }
    for id in ["jane@example.com", "+393391234567", "a b", "a/b", "{}", "~"] {
        let answer = create(id).await;

        assert_eq!(answer.status, 201, "{}", answer.text);
        assert_eq!(answer.header("x-request-id"), id);
        let recorded = last_recorded().await;
        assert!(recorded.len() >= 16, "{recorded}");
        assert!(!recorded.contains(id), "{recorded}");
        let lines = serving.until_logged("request answered", 1).await;
        let is_of = |line: &&serde_json::Value| line["span"]["request_id"] == *recorded;
        assert_eq!(lines.iter().filter(is_of).count(), 1, "{recorded}");
    }
    for line in serving.log() {
        assert!(!line.contains("jane@example.com"), "{line}");
        assert!(!line.contains("+39339"), "{line}");
    }
}
