//! Bodies that are wrong: each is refused with a reason, and nothing is written.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Answer, SendAndRead, TestApp};

const MAX_BYTES: usize = 128 * 1024;

/// A body with these custom fields.
fn with_custom_fields(json: &str) -> String {
    format!(r#"{{"email": "jane@example.com", "customFields": {json}}}"#)
}

/// A body with this further member.
fn with_member(name: &str, json: &str) -> String {
    format!(r#"{{"email": "jane@example.com", "{name}": {json}}}"#)
}

#[tokio::test]
async fn what_is_not_json_is_a_bad_request() {
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
async fn what_is_json_but_no_object_is_a_validation_error() {
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
    let deep = "[".repeat(50_000) + &"]".repeat(50_000);
    app.upsert_text(&key, deep)
        .await
        .error(422, "validation_error");
    assert_eq!(app.contents().await, "");
}

#[tokio::test]
async fn what_the_database_cannot_hold_is_a_validation_error_of_its_field() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let in_objects = |levels: usize| r#"{"a":"#.repeat(levels) + "1" + &"}".repeat(levels);

    let mut bad = vec![];
    for text in [
        r"\u0000",
        r"a\u0000b",
        r"\ud800",
        r"\udc00",
        r"\ud83dx",
        r"\ude00\ud83d",
    ] {
        bad.extend([
            (format!(r#"{{"email": "jane{text}@example.com"}}"#), "email"),
            (format!(r#"{{"email": "jane@exam{text}ple.com"}}"#), "email"),
            (
                with_member("phone", &format!(r#""+39339{text}1234567""#)),
                "phone",
            ),
            (
                with_custom_fields(&format!(r#"{{"a": "{text}"}}"#)),
                "customFields",
            ),
            (
                with_custom_fields(&format!(r#"{{"{text}": 1}}"#)),
                "customFields",
            ),
            (
                with_custom_fields(&format!(r#"{{"{text}": null}}"#)),
                "customFields",
            ),
            (
                with_custom_fields(&format!(r#"{{"a": [{{"b": "{text}"}}]}}"#)),
                "customFields",
            ),
            (
                with_custom_fields(&format!(r#"{{"a": {{"{text}": {{}}}}}}"#)),
                "customFields",
            ),
            (with_member("extra", &format!(r#""{text}""#)), "extra"),
        ]);
    }
    bad.extend([
        (with_member(r"\u0000", "1"), "\0"),
        (with_member(r"\ud800", "1"), "body"),
        (
            with_member("marketingConsent", r#"{"\u0000": true}"#),
            "marketingConsent.\0",
        ),
        (
            with_member("marketingConsent", r#"{"\ud800": true}"#),
            "marketingConsent",
        ),
        (
            with_member("marketingConsent", r#"{"email": "\u0000"}"#),
            "marketingConsent.email",
        ),
    ]);
    for number in [
        "1e400",
        "-1e400",
        "1e-400",
        "-1e-400",
        "1e99999999999999999999",
        "2e308",
    ] {
        bad.push((
            with_custom_fields(&format!(r#"{{"a": {number}}}"#)),
            "customFields",
        ));
        bad.push((
            with_custom_fields(&format!(r#"{{"a": [{{"b": {number}}}]}}"#)),
            "customFields",
        ));
        bad.push((with_member("extra", number), "extra"));
        bad.push((with_member("phone", number), "phone"));
    }
    for deep in [
        nested(200),
        in_objects(200),
        nested(60_000),
        in_objects(20_000),
    ] {
        bad.push((
            with_custom_fields(&format!(r#"{{"a": {deep}}}"#)),
            "customFields",
        ));
        bad.push((with_member("extra", &deep), "extra"));
        bad.push((with_member("phone", &deep), "phone"));
        bad.push((with_member("marketingConsent", &deep), "marketingConsent"));
    }

    for (body, field) in bad {
        let start: String = body.chars().take(120).collect();
        let answer = app.upsert_text(&key, body).await;

        assert_eq!(answer.status, 422, "{start}: {}", answer.text);
        let details = &answer.json()["error"]["details"];
        let first = details["field"].as_str().unwrap();
        let is_channel = first.starts_with("marketingConsent.") && field == "marketingConsent";
        assert!(first == field || is_channel, "{start}: {}", answer.text);
    }
    assert_eq!(app.contents().await, "");
}

#[tokio::test]
async fn numbers_at_the_ends_of_the_range_of_a_double_are_stored() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;

    let fields =
        r#"{"a": [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, 0e-400, -0.0]}"#;
    let result = app
        .upsert_text(&key, with_custom_fields(fields))
        .await
        .result();

    let stored = app.row(&result["contactId"]).await["custom_fields"]["a"].clone();
    let numbers: Vec<f64> = stored
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect();
    assert_eq!(numbers, [f64::MAX, f64::MIN, 5e-324, 0.0, 0.0]);
}

#[tokio::test]
async fn a_field_of_another_type_is_named_and_nothing_is_written() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let values = || {
        [
            json!(0),
            json!(1.5),
            json!(true),
            json!("yes"),
            json!([]),
            json!({"a": 1}),
        ]
    };
    let consent = |channel: &str, value: Value| json!({channel: value});

    for value in values() {
        let mut bad = vec![];
        for field in ["email", "phone"] {
            bad.push((field.to_owned(), json!({field: value})));
        }
        if !value.is_object() {
            for field in ["customFields", "marketingConsent"] {
                bad.push((field.to_owned(), json!({field: value})));
            }
        }
        if !value.is_boolean() {
            for channel in ["email", "whatsapp"] {
                let field = format!("marketingConsent.{channel}");
                bad.push((
                    field,
                    json!({"marketingConsent": consent(channel, value.clone())}),
                ));
            }
        }
        for (field, mut body) in bad {
            if field != "email" {
                body["email"] = json!("jane@example.com");
            }
            let answer = app.upsert(&key, &body).await;

            assert_eq!(answer.status, 422, "{body}: {}", answer.text);
            let details = &answer.json()["error"]["details"];
            assert_eq!(details["field"], field, "{body}");
            let echo = if value.is_object() || value.is_array() {
                json!(null)
            } else {
                value.clone()
            };
            assert_eq!(details["value"], echo, "{body}");
        }
    }
    assert_eq!(app.contents().await, "");
}

#[tokio::test]
async fn all_bad_fields_are_told_at_once_in_the_documented_order() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let body = json!({
        "extra": {"a": 1},
        "marketingConsent": {"sms": true, "whatsapp": "yes", "email": 1},
        "customFields": [],
        "phone": "0391234567",
        "email": "x@",
    });

    let error = app.upsert(&key, &body).await.error(422, "validation_error");

    let details = &error["details"];
    assert_eq!(
        (&details["field"], &details["value"]),
        (&json!("email"), &json!("x@"))
    );
    let told: Vec<Value> = details["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| json!([error["field"], error["code"], error["value"]]))
        .collect();
    let expected = json!([
        ["email", "validation_error", "x@"],
        ["phone", "invalid_phone_number", "0391234567"],
        ["customFields", "validation_error", null],
        ["marketingConsent.email", "validation_error", 1],
        ["marketingConsent.whatsapp", "validation_error", "yes"],
        ["marketingConsent.sms", "validation_error", true],
        ["extra", "validation_error", null],
    ]);
    assert_eq!(json!(told), expected);
    for bad in details["errors"].as_array().unwrap() {
        let (message, field) = (
            bad["message"].as_str().unwrap(),
            bad["field"].as_str().unwrap(),
        );
        assert!(
            message.contains(field) && message.len() > field.len() + 5,
            "{bad}"
        );
        assert!(
            error["message"].as_str().unwrap().contains(message),
            "{error}"
        );
    }

    // The code of the whole is that of the first.
    let body = json!({"email": "jane@example.com", "phone": "0391234567", "extra": 1});
    let error = app
        .upsert(&key, &body)
        .await
        .error(422, "invalid_phone_number");
    assert_eq!(error["details"]["field"], "phone");
    assert_eq!(error["details"]["errors"][1]["code"], "validation_error");
    assert_eq!(app.contents().await, "");
}

#[tokio::test]
async fn only_scalars_of_up_to_256_bytes_are_repeated() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;

    for (value, is_repeated) in [
        (json!("x".repeat(250)), true),
        (json!("x".repeat(257)), false),
        (json!("ü".repeat(130)), false),
        (json!(12), true),
        (json!(false), true),
        (json!(["x"]), false),
        (json!({"x": 1}), false),
    ] {
        let body = json!({"email": value, "extra": value});
        let error = app.upsert(&key, &body).await.error(422, "validation_error");

        let echo = if is_repeated { value } else { json!(null) };
        let details = &error["details"];
        for place in [details, &details["errors"][0], &details["errors"][1]] {
            assert_eq!(place["value"], echo);
        }
        assert!(is_repeated || !error.to_string().contains("xxx"), "{error}");
    }
}

#[tokio::test]
async fn a_body_of_128_kib_is_read_and_one_byte_more_is_not() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let body = r#"{"email": "jane@example.com"}"#;
    let padded = |length: usize| body.to_owned() + &" ".repeat(length - body.len());

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

#[tokio::test]
async fn only_plain_json_is_taken() {
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
