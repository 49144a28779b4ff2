//! Numbers that are short in JSON and long when Postgres prints them.

use reqwest::Method;
use rubrica::domain::{CustomFields, CustomFieldsError, MAX_CUSTOM_FIELDS_BYTES};
use serde_json::{Value, json};

use super::batch;
use crate::harness::{SendAndRead, TestApp};

/// A patch with these values and a text of this many bytes.
fn patch(values: &str, padding: usize) -> String {
    format!(
        r#"{{"gone": null, "values": [{values}], "inner": {{"gone": null, "padding": "{}"}}}}"#,
        "x".repeat(padding)
    )
}

#[tokio::test]
async fn custom_fields_are_measured_before_they_are_sent_as_postgres_would_print_them() {
    let app = TestApp::start().await;
    let sql = app.sql().await;
    let long = "7".repeat(309);
    let fraction = format!("0.{}", "3".repeat(400));

    for values in [
        "0",
        "-0",
        "-0.0",
        "0.00",
        "0e5",
        "0.0e-16382",
        "1e300",
        "-1.5E+300",
        "1.25e1",
        "125e-1",
        "100e-2",
        "1e-300",
        "-12.5e-300",
        "0.001e2",
        "0.00125e2",
        "5e-324",
        "123456789012345678901234567890",
        &long[..300],
        &long[..308],
        &fraction,
        "true, false, null",
        "[], {}, [[]], [1, [2, 3]], {\"a\": 1, \"b\": {\"c\": null}}",
        r#""", "é", "\u00e9", "\u0001\b\f\n\r\t\"\\\/", "\u007f", "\ud83d\ude00""#,
        r#"{"\u00e9\n\"": 1, "a": 1, "\u0061": 2e300}"#,
    ] {
        let printed = "select octet_length(json_merge_patch('{}', $1::text::jsonb)::text)";
        let row = sql.query_one(printed, &[&patch(values, 0)]).await.unwrap();
        let printed: i32 = row.get(0);
        // Without its exponent a zero has fewer places.
        let shorter = if values == "0.0e-16382" { 16_382 } else { 0 };
        let free = MAX_CUSTOM_FIELDS_BYTES + shorter - usize::try_from(printed).unwrap();

        let largest = CustomFields::parse(&patch(values, free));
        let too_large = CustomFields::parse(&patch(values, free + 1));

        let start = &values[..values.len().min(50)];
        assert!(largest.is_ok(), "{start}: {largest:?}");
        assert_eq!(too_large, Err(CustomFieldsError::TooLarge), "{start}");
    }
}

#[tokio::test]
async fn values_that_can_never_be_stored_are_refused_without_a_query() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    app.upsert(&key, &json!({"email": "jane@example.com"}))
        .await
        .result();
    // Every statement on contacts now waits, and its call is answered with 503.
    let mut sql = app.sql().await;
    let lock = sql.transaction().await.unwrap();
    lock.batch_execute("lock table contacts in access exclusive mode")
        .await
        .unwrap();

    for values in [
        vec!["1e300"; 300],
        vec!["1e-16000"; 5],
        vec!["0.1e-300"; 300],
        vec!["\"xxxxxxxxxxxxxx\""; 4_000],
    ] {
        let contact = format!(
            r#"{{"email": "jane@example.com", "customFields": {{"a": [{}]}}}}"#,
            values.join(",")
        );
        let one = app.upsert_text(&key, contact.clone()).await;
        let many = app
            .contact(Method::POST, &key, "batch")
            .header("content-type", "application/json")
            .body(batch(&[contact.clone(), contact]))
            .answer()
            .await;

        let error = one.error(422, "validation_error");
        assert_eq!(error["details"]["field"], "customFields", "{error}");
        assert_eq!(many.status, 207, "{}", many.text);
        for item in many.json().as_array().unwrap() {
            assert_eq!(item["error"]["details"]["field"], "customFields", "{item}");
        }
    }
}

#[tokio::test]
async fn trailing_zeros_count_towards_the_size_limit_after_a_merge_too() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    // Postgres stores each in a few bytes, but prints all its zeros.
    let field = |n: usize| (format!("k{n}"), format!("1.{}", "0".repeat(400)));
    let fields = |range: std::ops::Range<usize>| {
        let fields = range.map(field);
        let fields: Vec<String> = fields.map(|(k, v)| format!(r#""{k}": {v}"#)).collect();
        format!(
            r#"{{"email": "jane@example.com", "customFields": {{{}}}}}"#,
            fields.join(",")
        )
    };
    let other = |n: usize| format!(r#"{{"email": "jane{n}@example.com"}}"#);
    let mut outcomes = Vec::new();

    for n in 0..9 {
        let body = batch(&[other(n), fields(n * 20..(n + 1) * 20), other(n + 100)]);
        let request = app.contact(Method::POST, &key, "batch").body(body);
        let answer = request.header("content-type", "application/json").answer();
        let items = answer.await.json();
        let item = &items[1];
        let outcome = item.get("outcome").unwrap_or(&item["error"]["code"]);
        outcomes.push(outcome.as_str().unwrap().to_owned());
    }

    // 20 take 8 KiB, so that 140 fit and 160 do not.
    let expected = [&["created"][..], &["updated"; 6], &["validation_error"; 2]].concat();
    assert_eq!(outcomes, expected);
    let largest = "select max(octet_length(custom_fields::text))::bigint from contacts";
    assert!(app.count(largest).await <= 65_536);
}

#[tokio::test]
async fn a_zero_is_stored_and_found_as_zero_whatever_its_exponent() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let definition = json!({"key": "N", "type": "number", "filterable": true});
    assert_eq!(app.define(&key, &definition).await.status, 201);
    let zeros = vec!["0e-16383"; 6_000].join(",");
    let body = format!(
        r#"{{"email": "jane@example.com", "customFields": {{"n": -0.0e-9999, "a": [{zeros}]}}}}"#
    );

    let result = app.upsert_text(&key, body).await.result();

    let row = app.row(&result["contactId"]).await;
    assert_eq!(row["custom_fields"]["a"][5_999], json!(0));
    for zero in ["0", "0e-16383", "-0.00E5"] {
        let list = app
            .list_contacts(&key, &format!("customFields.n={zero}"))
            .await;
        let found = list.json()["data"].as_array().map(Vec::len);
        assert_eq!(found, Some(1), "{zero}: {}", list.text);
    }
    let found = app.list_contacts(&key, "customFields.n=0e-16384").await;
    found.error(422, "validation_error");
}

#[tokio::test]
async fn values_beyond_a_limit_of_postgres_are_refused_and_are_not_internal_errors() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let owner = app.sql().await;
    owner
        .batch_execute(
            "create or replace function broken_custom_fields_limit(custom_fields jsonb)
             returns text language plpgsql immutable strict parallel safe as $$
             begin
                 raise exception 'too large' using errcode = 'program_limit_exceeded';
             end;
             $$",
        )
        .await
        .unwrap();
    let contact = |email: &str| {
        let large = "x".repeat(5_000);
        json!({"email": email, "customFields": {"large": large}})
    };

    let one = app.upsert(&key, &contact("jane@example.com")).await;
    let small = json!({"email": "small@example.com"});
    let many = app
        .upsert_batch(&key, &[contact("joe@example.com"), small])
        .await;

    let error = one.error(422, "validation_error");
    assert_eq!(error["details"]["field"], "customFields");
    let items: Vec<Value> = many.json().as_array().unwrap().clone();
    assert_eq!(
        items[0]["error"]["code"], "validation_error",
        "{}",
        many.text
    );
    assert_eq!(items[1]["outcome"], "created", "{}", many.text);
}
