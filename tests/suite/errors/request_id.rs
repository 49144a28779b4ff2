//! The id of each request.

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::json;

use super::CONTACTS;
use crate::harness::{Answer, SendAndRead, TestApp};

#[tokio::test]
async fn every_answer_repeats_the_callers_request_id_or_has_a_new_one() {
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
