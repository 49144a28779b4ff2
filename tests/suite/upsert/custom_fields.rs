//! Custom fields: merged by RFC 7396, stored as sent, within limits.

use serde_json::{Value, json};

use super::{JANE, contact};
use crate::harness::TestApp;

/// An object of `number` members whose names begin with `prefix`.
fn members(prefix: &str, number: usize, value: &Value) -> Value {
    (0..number)
        .map(|index| (format!("{prefix}{index}"), value.clone()))
        .collect()
}

/// `levels` nested objects or arrays around a number; the outermost is an object.
fn nested(levels: usize, is_array: bool) -> Value {
    let inner = (1..levels).fold(json!(1), |inner, _| {
        if is_array {
            json!([inner])
        } else {
            json!({"a": inner})
        }
    });
    json!({"a": inner})
}

/// The upsert of these custom fields.
fn upsert_of(fields: &Value) -> Value {
    json!({"email": JANE, "customFields": fields})
}

#[tokio::test]
async fn custom_fields_are_merged_deeply() {
    let app = TestApp::start().await;

    for (stored, patch, merged) in [
        (json!({"a": 1}), json!({"b": 2}), json!({"a": 1, "b": 2})),
        (json!({"a": 1, "b": 2}), json!({"a": null}), json!({"b": 2})),
        (json!({"a": 1}), json!({"b": null}), json!({"a": 1})),
        (
            json!({"a": {"b": 1, "c": 2}}),
            json!({"a": {"b": null}}),
            json!({"a": {"c": 2}}),
        ),
        (
            json!({"a": {"b": {"c": 1}}}),
            json!({"a": {"b": {"d": 2}}}),
            json!({"a": {"b": {"c": 1, "d": 2}}}),
        ),
        (json!({"a": {"b": 1}}), json!({"a": [1]}), json!({"a": [1]})),
        (json!({"a": [1, 2]}), json!({"a": [3]}), json!({"a": [3]})),
        (
            json!({"a": [1, 2]}),
            json!({"a": {"b": null, "c": 1}}),
            json!({"a": {"c": 1}}),
        ),
        (
            json!({}),
            json!({"a": {"b": {"c": null}}}),
            json!({"a": {"b": {}}}),
        ),
        (
            json!({}),
            json!({"a": [null, {"b": null}]}),
            json!({"a": [null, {"b": null}]}),
        ),
        (
            json!({"a": {"b": 1}}),
            json!({"a": {}}),
            json!({"a": {"b": 1}}),
        ),
        (
            json!({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}),
            json!({"a": 0, "b": false, "c": "", "d": [], "e": {}}),
            json!({"a": 0, "b": false, "c": "", "d": [], "e": {}}),
        ),
    ] {
        let key = app.tenant().await.key;
        let id = contact(&app, &key, &upsert_of(&stored)).await;

        contact(&app, &key, &upsert_of(&patch)).await;

        let row = app.row(&id).await;
        assert_eq!(row["custom_fields"], merged, "{patch} into {stored}");
    }
}

#[tokio::test]
async fn keys_and_numbers_are_stored_as_sent_and_the_last_duplicate_counts() {
    let app = TestApp::start().await;

    for (sent, stored) in [
        (
            r#"{"Plan": 1, " plan ": 2, "": 3, "a.b": 4, "$ü/~": 5}"#,
            None,
        ),
        (r#"{"n": 12345678901234567890123456789012345}"#, None),
        (
            r#"{"n": [0.1000000000000000000000000000000001, -0.10, 1.50]}"#,
            None,
        ),
        (r#"{"n": 1e3}"#, Some(r#"{"n": 1000}"#)),
        (
            r#"{"text": "\"\\\u00fc\ud83d\ude00\n"}"#,
            Some(r#"{"text": "\"\\ü😀\n"}"#),
        ),
        (
            r#"{"n": 1, "n": {"a": 1, "a": 2}}"#,
            Some(r#"{"n": {"a": 2}}"#),
        ),
        (r#"{"n": 1, "n": null}"#, Some("{}")),
    ] {
        let key = app.tenant().await.key;
        let body = format!(r#"{{"email": "{JANE}", "customFields": {sent}}}"#);
        let result = app.upsert_text(&key, body).await.result();

        let id: i64 = result["contactId"].as_str().unwrap().parse().unwrap();
        let sql = "select custom_fields = ($2::text)::jsonb, custom_fields::text
            from contacts where id = $1";
        let expected = stored.unwrap_or(sent);
        let row = app
            .sql()
            .await
            .query_one(sql, &[&id, &expected])
            .await
            .unwrap();
        assert!(row.get::<_, bool>(0), "{sent}: {}", row.get::<_, String>(1));
    }

    // Duplicates elsewhere in the body count alike.
    let key = app.tenant().await.key;
    let body = r#"{"email": "x@", "customFields": {"a": 1}, "customFields": {"b": 1},
        "marketingConsent": {"email": true, "email": false}, "email": "jane@example.com"}"#;
    let result = app.upsert_text(&key, body).await.result();
    let row = app.row(&result["contactId"]).await;
    assert_eq!(row["email"], JANE);
    assert_eq!(row["custom_fields"], json!({"b": 1}));
    assert_eq!(row["consent_email"], false);
}

#[tokio::test]
async fn limits_apply_to_the_merged_value_and_nothing_is_written_beyond_them() {
    let app = TestApp::start().await;
    let half = "x".repeat(32 * 1024);
    // As Postgres prints it, `{"a": "…"}` takes nine bytes around the text.
    let fitting = "x".repeat(64 * 1024 - 9);
    let removal = json!({"a0": null, "b": 1});

    for (limit, stored, fits, breaks) in [
        (
            "keys",
            members("a", 250, &json!(1)),
            removal,
            json!({"b": 1, "c": 1}),
        ),
        (
            "keys of one call",
            json!({}),
            members("a", 250, &json!(1)),
            members("b", 251, &json!(1)),
        ),
        (
            "key length",
            json!({}),
            json!({"ü".repeat(128): 1}),
            json!({"ü".repeat(129): 1}),
        ),
        (
            "inner keys",
            json!({}),
            json!({"a": [{"k".repeat(128): 1}]}),
            json!({"a": [{"k".repeat(129): 1}]}),
        ),
        (
            "a removal",
            json!({}),
            json!({"k".repeat(500): null}),
            json!({"k".repeat(500): 0}),
        ),
        (
            "depth of objects",
            json!({}),
            nested(8, false),
            nested(9, false),
        ),
        (
            "depth of arrays",
            json!({}),
            nested(8, true),
            nested(9, true),
        ),
        (
            "bytes",
            json!({}),
            json!({"a": fitting}),
            json!({"a": format!("{fitting}x")}),
        ),
        (
            "bytes, merged",
            json!({"a": half}),
            json!({"a": null, "b": half}),
            json!({"a": half, "b": half}),
        ),
        // A few hundred bytes are sent, but each number is stored with 301 digits.
        (
            "expansion of numbers",
            json!({}),
            exponents(200),
            exponents(230),
        ),
        (
            "expansion, merged",
            exponents(200),
            json!({"a": 1}),
            json!({"a": 1, "c": [exponents(20)]}),
        ),
    ] {
        let key = app.tenant().await.key;
        contact(&app, &key, &upsert_of(&stored)).await;
        let answer = app.upsert(&key, &upsert_of(&fits)).await;
        assert_eq!(answer.status, 200, "{limit}: {}", answer.text);
        let before = app.contents().await;

        let body = json!({
            "email": JANE, "customFields": breaks, "marketingConsent": {"email": true},
        });
        let error = app.upsert(&key, &body).await.error(422, "validation_error");

        assert_eq!(error["details"]["field"], "customFields", "{limit}");
        assert!(
            app.contents().await == before,
            "{limit}: something was written"
        );
    }
}

/// Numbers that are short in JSON and long in the database.
fn exponents(number: usize) -> Value {
    let list = vec!["1e300"; number].join(",");
    serde_json::from_str(&format!(r#"{{"n{number}": [{list}]}}"#)).unwrap()
}
