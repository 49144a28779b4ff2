//! Bad fields: all of them are reported in one response, by name.

use serde_json::{Value, json};

use crate::harness::TestApp;

#[tokio::test]
async fn a_field_of_the_wrong_type_is_named_and_nothing_is_written() {
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
async fn all_bad_fields_are_reported_together_in_the_documented_order() {
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
    let reported: Vec<Value> = details["errors"]
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
    assert_eq!(json!(reported), expected);
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

    // The code of the error is the code of the first bad field.
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
async fn only_scalars_of_up_to_256_bytes_are_echoed() {
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
