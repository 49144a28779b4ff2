//! Bad fields beyond the first few are counted, not listed.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::harness::{Answer, SendAndRead, TestApp};

/// This many members that contacts do not have.
fn unknown(count: usize) -> Map<String, Value> {
    let member = |n: usize| (format!("unknown{n:04}"), json!(n));
    (0..count).map(member).collect()
}

fn listed(error: &Value) -> usize {
    error["details"]["errors"].as_array().map_or(0, Vec::len)
}

fn omitted(error: &Value) -> u64 {
    error["details"]["errorsOmitted"].as_u64().unwrap_or(0)
}

#[tokio::test]
async fn twenty_bad_fields_are_listed_and_the_rest_are_counted() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;

    for count in [19, 20, 21, 1000] {
        let mut body = unknown(count);
        body.insert("email".to_owned(), json!("jane@example.com"));
        let answer = app.upsert(&key, &body.into()).await;
        let error = answer.error(422, "validation_error");

        assert_eq!(listed(&error), count.min(20));
        assert_eq!(omitted(&error), count.saturating_sub(20) as u64);
        assert_eq!(
            error["details"].get("errorsOmitted").is_some(),
            count > 20,
            "{error}"
        );
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("unknown0000 is not"), "{message}");
        let shown = message.matches(" is not a field").count();
        assert!(
            (3..19).contains(&shown) && message.len() < 1100,
            "{message}"
        );
        let more = format!("; and {} more", count - shown);
        assert!(message.ends_with(&more), "{message}");
    }
}

#[tokio::test]
async fn the_listed_bad_fields_are_the_first_in_the_documented_order() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let mut body = unknown(30);
    body.insert("phone".to_owned(), json!("12"));
    body.insert("marketingConsent".to_owned(), json!({"email": 1}));

    let error = app
        .upsert(&key, &body.into())
        .await
        .error(422, "validation_error");

    let fields: Vec<&str> = error["details"]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields[..4],
        ["email", "phone", "marketingConsent.email", "unknown0000"]
    );
    assert_eq!((fields.len(), omitted(&error)), (20, 13));
}

#[tokio::test]
async fn a_batch_lists_a_thousand_bad_fields_and_counts_the_rest_per_contact() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let contacts: Vec<Value> = (0..100)
        .map(|_| {
            let mut contact = unknown(40);
            contact.insert("notes".to_owned(), json!(["x".repeat(10_000)]));
            contact.insert("email".to_owned(), json!("jane@example.com"));
            contact.into()
        })
        .collect();

    let answer = app.upsert_batch(&key, &contacts).await;

    assert_eq!(answer.status, 207);
    let items = answer.json().as_array().unwrap().clone();
    let counts: Vec<usize> = items.iter().map(|item| listed(&item["error"])).collect();
    assert_eq!(counts.iter().sum::<usize>(), 1000);
    assert_eq!(
        (counts[0], counts[49], counts[50], counts[99]),
        (20, 20, 0, 0)
    );
    for item in &items {
        let error = &item["error"];
        assert_eq!(listed(error) as u64 + omitted(error), 41, "{error}");
        assert_eq!(error["code"], "validation_error");
        assert_eq!(error["details"]["field"], "notes");
    }
}

#[tokio::test]
async fn every_body_has_the_same_bound() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let operator = app.operator().await;
    let body = Value::from(unknown(50));
    let send = async |method: Method, path: &str| -> Answer {
        let request = app.request(method, path).bearer_auth(&key);
        request.json(&body).answer().await
    };

    let contact = send(Method::PATCH, "/public/v1/contacts/1").await;
    let definition = send(Method::POST, "/public/v1/custom-fields").await;
    let change = send(Method::PATCH, "/public/v1/custom-fields/A").await;
    let company = app.admin_post(&operator, "companies", &body).await;

    for (answer, bad) in [(contact, 50), (definition, 52), (change, 50), (company, 51)] {
        let error = answer.error(422, "validation_error");
        assert_eq!(listed(&error), 20, "{error}");
        assert_eq!(omitted(&error), bad - 20, "{error}");
    }
}

#[tokio::test]
async fn a_long_name_is_truncated_in_messages() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let name = "é".repeat(1000);

    for (body, start) in [
        (json!({"email": "jane@example.com", &name: 1}), ""),
        (
            json!({"email": "jane@example.com", "marketingConsent": {&name: 1}}),
            "marketingConsent.",
        ),
    ] {
        let error = app.upsert(&key, &body).await.error(422, "validation_error");

        let field = error["details"]["field"].as_str().unwrap();
        assert!(field.starts_with(start) && field.ends_with('…'), "{field}");
        assert_eq!(field.chars().count(), 161);
        assert_eq!(error["details"]["errors"][0]["field"], field);
    }
}

#[tokio::test]
async fn a_message_lists_at_most_ten_options_and_200_bytes_of_them() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let long = |n: usize| format!("{n:03}{}", "é".repeat(150));
    let tables: [(Vec<String>, &str); 4] = [
        ((0..10).map(|n| n.to_string()).collect(), r#""8", "9""#),
        ((0..500).map(|n| n.to_string()).collect(), r#""8", "9", …"#),
        (vec!["x".repeat(150), "y".repeat(150)], r#"x", …"#),
        ((0..300).map(long).collect(), "é…"),
    ];

    for (place, (options, end)) in tables.into_iter().enumerate() {
        let field = format!("F{place}");
        let definition = json!({"key": field, "type": "select", "options": options});
        assert_eq!(app.define(&key, &definition).await.status, 201);
        let body = json!({"email": "jane@example.com", "customFields": {field: "no"}});
        let error = app.upsert(&key, &body).await.error(422, "validation_error");

        let message = error["message"].as_str().unwrap();
        let listed = message.split_once("must be one of ").unwrap().1;
        assert!(listed.ends_with(end), "{listed}");
        assert!(listed.len() <= 200 + ", …".len(), "{listed}");
    }
}
