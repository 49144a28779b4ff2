//! A response has at most four times the bytes of its request, plus 64 KiB.

use proptest::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};

use super::{batch, longest_answer};
use crate::harness::{Answer, SendAndRead, TestApp, cases, holds, runtime};

/// Sends a contact and a batch, and checks the size of each response.
async fn assert_bounded(app: &TestApp, key: &str, contact: &str, contacts: &[String]) {
    let sent = app.upsert_text(key, contact.to_owned()).await;
    assert_within(&sent, contact);
    let body = batch(contacts);
    let sent = send_batch(app, key, body.clone()).await;
    assert_within(&sent, &body);
    if sent.status == 207 {
        let items: Vec<Value> = serde_json::from_str(&sent.text).expect("an array");
        assert_eq!(items.len(), contacts.len(), "each has a result");
        for item in items {
            let is_result = item["outcome"].is_string() || item["error"]["code"].is_string();
            assert!(is_result, "{item}");
        }
    }
}

async fn send_batch(app: &TestApp, key: &str, body: String) -> Answer {
    let request = app.contact(Method::POST, key, "batch").body(body);
    request
        .header("content-type", "application/json")
        .answer()
        .await
}

#[track_caller]
fn assert_within(answer: &Answer, body: &str) {
    let start: String = body.chars().take(200).collect();
    assert!(answer.status < 500, "{start}: {}", answer.text);
    let (length, longest) = (answer.text.len(), longest_answer(body.len()));
    assert!(length <= longest, "{start}: {} and {length}", body.len());
}

/// A company whose fields refuse nearly every value with a long message.
async fn hostile_company(app: &TestApp, definitions: usize) -> String {
    let key = app.tenant_with_limit("1000000/1s").await.key;
    let options: Vec<String> = (0..20).map(|n| format!("{n}{}", "é".repeat(190))).collect();
    for n in 0..definitions {
        let definition = json!({"key": format!("F{n}"), "type": "select", "options": options});
        assert_eq!(app.define(&key, &definition).await.status, 201);
    }
    key
}

#[tokio::test]
async fn a_response_to_250_wrong_select_fields_is_bounded() {
    let app = TestApp::start().await;
    let key = hostile_company(&app, 250).await;
    let fields: Vec<String> = (0..250).map(|n| format!(r#""f{n}":0"#)).collect();
    let contact = format!(
        r#"{{"email":"a@b.cc","customFields":{{{}}}}}"#,
        fields.join(",")
    );

    for count in [1, 40, 1000] {
        assert_bounded(&app, &key, &contact, &vec![contact.clone(); count]).await;
    }
}

#[tokio::test]
async fn a_response_to_a_thousand_bad_items_is_bounded_and_has_each_code() {
    let app = TestApp::start().await;
    let key = app.tenant_with_limit("1000000/1s").await.key;
    let escapes = r"\u0001".repeat(300);
    let names: Vec<String> = (0..30)
        .map(|n| format!(r#""{n}{escapes}":"{escapes}""#))
        .collect();

    for contact in [
        "0".to_owned(),
        "\"\"".to_owned(),
        "{}".to_owned(),
        r#"{"email":"x@"}"#.to_owned(),
        r#"{"phone":"1"}"#.to_owned(),
        r#"{"a":0,"b":0,"c":0,"d":0}"#.to_owned(),
        r#"{"email":"a@b.cc","customFields":{"a":[1e400]}}"#.to_owned(),
        format!("{{{}}}", names[..1].join(",")),
        format!("{{{}}}", names.join(",")),
    ] {
        let count = (8 * 1024 * 1024 / (contact.len() + 1) - 1).min(1000);
        assert_bounded(&app, &key, &contact, &vec![contact.clone(); count]).await;
    }
}

#[tokio::test]
async fn good_items_keep_their_results_beside_a_thousand_bad_ones() {
    let app = TestApp::start().await;
    let key = app.tenant_with_limit("1000000/1s").await.key;
    let contact = |n: usize| match n % 2 {
        0 => format!(r#"{{"email":"j{n}@example.com"}}"#),
        _ => r#"{"a":0}"#.to_owned(),
    };
    let contacts: Vec<String> = (0..1000).map(contact).collect();

    let answer = send_batch(&app, &key, batch(&contacts)).await;

    assert_within(&answer, &batch(&contacts));
    let items: Vec<Value> = serde_json::from_str(&answer.text).unwrap();
    for (n, item) in items.iter().enumerate() {
        match n % 2 {
            0 => assert_eq!(item["outcome"], "created", "{item}"),
            _ => assert_eq!(item["error"]["code"], "validation_error", "{item}"),
        }
    }
    assert!(
        items[1]["error"]["details"]["errors"].is_array(),
        "the first has its details: {}",
        items[1]
    );
}

/// JSON of any shape that bodies may hold, as text.
fn values() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("1e300".to_owned()),
        Just("0e-16383".to_owned()),
        Just(r#""\u0000""#.to_owned()),
        Just(r#""\ud800""#.to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        "[ -~]{0,300}".prop_map(|text| json!(text).to_string()),
        any::<String>().prop_map(|text| json!(text).to_string()),
    ];
    scalar.prop_recursive(9, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(","))),
            members(inner).boxed(),
        ]
    })
}

fn members(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let name = prop_oneof![
        3 => prop::sample::select(vec!["email", "phone", "customFields", "marketingConsent", "f1", "F2"])
            .prop_map(|name| format!("{name:?}")),
        2 => any::<String>().prop_map(|name| json!(name).to_string()),
        1 => Just(format!(r#""{}""#, r"\u0001".repeat(200))),
    ];
    prop::collection::vec((name, value), 0..25).prop_map(|members| {
        let members = members
            .iter()
            .map(|(name, value)| format!("{name}:{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    })
}

#[test]
fn the_size_of_every_response_is_bounded_by_its_request() {
    let runtime = runtime();
    let (app, key) = runtime.block_on(async {
        let app = TestApp::start().await;
        let key = hostile_company(&app, 5).await;
        (app, key)
    });
    let contact = prop_oneof![1 => values().boxed(), 4 => members(values()).boxed()];
    let contacts = prop::collection::vec((contact, 1..20_usize), 1..20).prop_map(|contacts| {
        let repeated = contacts
            .into_iter()
            .flat_map(|(contact, times)| vec![contact; times]);
        repeated.collect::<Vec<_>>()
    });

    holds(cases(25), &runtime, &contacts, async |contacts| {
        assert_bounded(&app, &key, &contacts[0], &contacts).await;
    });
}
