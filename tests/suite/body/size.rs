//! Bodies that are too large.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::TestApp;

const MAX_BYTES: usize = 128 * 1024;

#[tokio::test]
async fn a_body_of_128_kib_is_accepted_and_one_byte_more_is_refused() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let body = r#"{"email": "jane@example.com"}"#;
    let padded = |length: usize| body.to_owned() + " ".repeat(length - body.len()).as_str();

    app.upsert_text(&key, padded(MAX_BYTES)).await.result();
    let before = app.contents().await;

    let refused = app.upsert_text(&key, padded(MAX_BYTES + 1)).await;
    refused.error(413, "payload_too_large");
    assert!(refused.headers.contains_key("ratelimit"));
    assert_eq!(app.contents().await, before);
}

#[tokio::test]
async fn a_refusal_reaches_a_caller_who_sends_ten_megabytes() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("20/24h").await;
    let body = vec![b' '; 10_000_000];

    for _ in 0..20 {
        let answer = app.upsert_text(&tenant.key, body.clone()).await;
        answer.error(413, "payload_too_large");
    }
    app.upsert_text(&tenant.key, body.clone())
        .await
        .error(429, "rate_limit_exceeded");
    app.upsert_text("mn-made-up", body)
        .await
        .error(401, "unauthorized");
}

#[tokio::test]
async fn a_refusal_reaches_a_caller_who_sends_everything_before_reading() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let chunk = format!("{:x}\r\n{}\r\n", 100_000, " ".repeat(100_000));

    for (framing, body) in [
        ("content-length: 10000000", " ".repeat(10_000_000)),
        (
            "transfer-encoding: chunked",
            chunk.repeat(100) + "0\r\n\r\n",
        ),
    ] {
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        let head = format!(
            "POST /public/v1/contacts HTTP/1.1\r\nhost: rubrica\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\nconnection: close\r\n{framing}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
            .write_all(body.as_bytes())
            .await
            .expect("the whole body is taken");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .await
            .expect("the answer arrives");

        assert!(answer.starts_with("HTTP/1.1 413 "), "{framing}: {answer}");
        assert!(answer.contains("payload_too_large"), "{framing}: {answer}");
    }
}
