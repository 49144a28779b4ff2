//! Bad bodies: each is refused with a reason, and nothing is written.

mod fields;
mod size;
mod unstorable;

use crate::harness::{Answer, SendAndRead, TestApp};

#[tokio::test]
async fn malformed_json_is_a_bad_request() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let too_deep_to_end = "[".repeat(100_000);

    for body in [
        b"".as_slice(),
        b"  \n",
        b"email=jane@example.com",
        b"{'email': 'jane@example.com'}",
        br#"{"email": "jane@example.com""#,
        br#"{"email": "jane@example.com",}"#,
        br#"{"email": "jane@example.com"} {}"#,
        br#"{"email": "jane@example.com", "customFields": {"a": NaN}}"#,
        br#"{"email": "jane@example.com", "customFields": {"a": 01}}"#,
        br#"{"email": "jane@example.com", "customFields": {"a": "\x"}}"#,
        b"{\"email\": \"jane@example.com\", \"customFields\": {\"a\": \"\0\"}}",
        b"{\"email\": \"jane@example.com\", \"customFields\": {\"a\": \"\n\"}}",
        b"{\"email\": \"jane@example.com\", \"customFields\": {\"a\": \"\xff\"}}",
        b"{\"email\": \"jane@example.com\", \"customFields\": {\"a\": \"\xed\xa0\x80\"}}",
        b"\xef\xbb\xbf{\"email\": \"jane@example.com\"}",
        "{\"email\": \"jane@example.com\"}\0".as_bytes(),
        too_deep_to_end.as_bytes(),
    ] {
        let answer = app.upsert_text(&key, body.to_vec()).await;

        let start = String::from_utf8_lossy(&body[..body.len().min(99)]);
        assert_eq!(answer.status, 400, "{start}: {}", answer.text);
        answer.error(400, "bad_request");
    }
    assert_eq!(app.contents().await, "");
}

#[tokio::test]
async fn json_other_than_an_object_is_a_validation_error() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;

    for body in [
        "[]",
        r#"[{"email": "jane@example.com"}]"#,
        r#""jane""#,
        "null",
        "1",
        "true",
    ] {
        let error = app
            .upsert_text(&key, body)
            .await
            .error(422, "validation_error");
        assert!(
            error["message"].as_str().unwrap().contains("object"),
            "{body}: {error}"
        );
    }
    let deep = "[".repeat(50_000) + "]".repeat(50_000).as_str();
    app.upsert_text(&key, deep)
        .await
        .error(422, "validation_error");
    assert_eq!(app.contents().await, "");
}

#[tokio::test]
async fn only_uncompressed_json_is_accepted() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let post = async |headers: &[(&str, &str)]| -> Answer {
        let request = app
            .post_contact(&key)
            .body(r#"{"email": "jane@example.com"}"#);
        headers
            .iter()
            .fold(request, |request, (name, value)| {
                request.header(*name, *value)
            })
            .answer()
            .await
    };
    let json = ("content-type", "application/json");

    for headers in [
        [].as_slice(),
        &[("content-type", "")],
        &[("content-type", "text/plain")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[("content-type", "application/jsonp")],
        &[("content-type", "text/json")],
        &[json, ("content-encoding", "gzip")],
        &[json, ("content-encoding", "br")],
        &[json, ("content-encoding", "identity, gzip")],
    ] {
        post(headers).await.error(415, "unsupported_media_type");
        assert_eq!(app.contents().await, "", "{headers:?}");
    }
    for headers in [
        [json].as_slice(),
        &[("content-type", "Application/JSON; charset=utf-8")],
        &[json, ("content-encoding", "identity")],
    ] {
        assert_eq!(post(headers).await.status, 200, "{headers:?}");
    }
}
