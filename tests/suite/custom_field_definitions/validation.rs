//! Defined fields are validated on every write. Undefined fields are stored as sent unless the company is
//! strict.

use reqwest::Method;
use rubrica::domain::CompanyChange;
use serde_json::{Value, json};

use crate::harness::{SendAndRead, TestApp, eventually};

fn contact(custom_fields: &Value) -> Value {
    json!({"email": "jane@example.com", "customFields": custom_fields})
}

#[tokio::test]
async fn each_type_accepts_its_values_and_null() {
    let app = TestApp::start().await;
    let key = app.tenant_with_limit("10000/1s").await.key;
    let table = [
        (
            "text",
            json!({}),
            vec![json!(""), json!("x")],
            vec![json!(1), json!(true), json!(["x"])],
        ),
        (
            "number",
            json!({}),
            vec![json!(0), json!(-1.5), json!(1e30)],
            vec![json!("1"), json!({})],
        ),
        (
            "boolean",
            json!({}),
            vec![json!(true), json!(false)],
            vec![json!("true"), json!(0)],
        ),
        (
            "date",
            json!({}),
            vec![json!("2024-02-29")],
            vec![
                json!("2023-02-29"),
                json!("2024-2-9"),
                json!("+2024-02-09"),
                json!("29.02.2024"),
                json!(20_240_229),
            ],
        ),
        (
            "datetime",
            json!({}),
            vec![
                json!("2026-01-31T12:00:00Z"),
                json!("2026-01-31T12:00:00.123+02:00"),
            ],
            vec![
                json!("2026-01-31"),
                json!("2026-01-31T12:00:00"),
                json!("2026-01-31T25:00:00Z"),
            ],
        ),
        (
            "select",
            json!(["free", "pro"]),
            vec![json!("free"), json!("pro")],
            vec![json!("Free"), json!(""), json!(["free"])],
        ),
        (
            "json",
            json!({}),
            vec![json!({"a": [1, null]}), json!("x"), json!(false)],
            vec![],
        ),
    ];
    for (field_type, options, good, bad) in table {
        let mut definition = json!({"key": field_type, "type": field_type});
        if options.is_array() {
            definition["options"] = options;
        }
        assert_eq!(
            app.define(&key, &definition).await.status,
            201,
            "{definition}"
        );

        for value in good.into_iter().chain([Value::Null]) {
            let answer = app
                .upsert(&key, &contact(&json!({field_type: value})))
                .await;
            assert_eq!(answer.status, 200, "{field_type} {value}: {}", answer.text);
        }
        for value in bad {
            let answer = app
                .upsert(&key, &contact(&json!({field_type: value})))
                .await;
            let error = answer.error(422, "validation_error");
            let field = format!("customFields.{field_type}");
            assert_eq!(error["details"]["field"], json!(field), "{value}");
            if !value.is_array() && !value.is_object() {
                assert_eq!(error["details"]["value"], value);
            }
        }
    }
}

#[tokio::test]
async fn data_keys_match_in_any_case_and_are_kept_as_sent() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    app.define(&key, &json!({"key": "Größe", "type": "number"}))
        .await;

    let good = app
        .upsert(
            &key,
            &contact(&json!({"größe": 1, "GRÖSSE": 2, "GrößE": 3})),
        )
        .await;
    let bad = app.upsert(&key, &contact(&json!({"gröSSe": "L"}))).await;

    let id = good.result()["contactId"].clone();
    assert_eq!(
        app.row(&id).await["custom_fields"],
        json!({"größe": 1, "GRÖSSE": 2, "GrößE": 3})
    );
    let error = bad.error(422, "validation_error");
    assert_eq!(error["details"]["field"], "customFields.gröSSe");
    assert_eq!(error["message"], "customFields.gröSSe must be a number");
}

#[tokio::test]
async fn all_bad_fields_are_reported_together_and_nothing_is_written() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    app.define(&key, &json!({"key": "age", "type": "number"}))
        .await;
    app.define(&key, &json!({"key": "born", "type": "date"}))
        .await;
    let body = json!({
        "email": "jane@", "customFields": {"age": "7", "born": "today", "free": "text"},
    });

    let error = app.upsert(&key, &body).await.error(422, "validation_error");

    let fields: Vec<&Value> = error["details"]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["field"])
        .collect();
    assert_eq!(fields, ["email", "customFields.age", "customFields.born"]);
    assert_eq!(app.contents().await, "");
}

#[tokio::test]
async fn changes_by_id_and_batches_are_validated_too() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    app.define(&key, &json!({"key": "age", "type": "number"}))
        .await;
    let result = app
        .upsert(&key, &contact(&json!({"age": 7})))
        .await
        .result();
    let id = result["contactId"].as_str().unwrap();

    let change = app
        .put_contact(&key, id, &json!({"customFields": {"AGE": "8"}}))
        .await;
    let batch = json!({"contacts": [contact(&json!({"age": "9"})), contact(&json!({"age": 10}))]});
    let batch = app
        .contact(Method::POST, &key, "batch")
        .json(&batch)
        .answer()
        .await;

    change.error(422, "validation_error");
    assert_eq!(batch.status, 207);
    assert_eq!(
        batch.json()[0]["error"]["details"]["field"],
        "customFields.age"
    );
    assert_eq!(batch.json()[1]["outcome"], "updated");
}

#[tokio::test]
async fn a_strict_company_stores_only_defined_fields_and_may_remove_any() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let key = &tenant.key;
    app.define(key, &json!({"key": "age", "type": "number"}))
        .await;
    let stored = app
        .upsert(key, &contact(&json!({"age": 7, "old": true})))
        .await;
    assert_eq!(stored.status, 200, "an undefined field is stored freely");

    let change = CompanyChange {
        strict_custom_fields: Some(true),
        ..CompanyChange::default()
    };
    app.change_company(tenant.company, change).await;
    let undefined = contact(&json!({"age": 8, "shoes": 44}));
    let upsert = async || app.upsert(key, &undefined).await;
    let refused = eventually("the refusal", upsert, |answer| answer.status != 200).await;

    let error = refused.error(422, "validation_error");
    assert_eq!(error["details"]["field"], "customFields.shoes");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("POST /public/v1/custom-fields")
    );
    let removed = app.upsert(key, &contact(&json!({"old": null}))).await;
    assert_eq!(removed.result()["outcome"], "updated");
}

#[tokio::test]
async fn a_definition_takes_effect_immediately_here_and_then_on_other_replicas() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let replica = app.replica(&[]).await;
    let bad = contact(&json!({"age": "seven"}));
    assert_eq!(replica.upsert(&tenant.key, &bad).await.status, 200);
    assert_eq!(app.upsert(&tenant.key, &bad).await.status, 200);

    app.define(&tenant.key, &json!({"key": "age", "type": "number"}))
        .await;

    app.upsert(&tenant.key, &bad)
        .await
        .error(422, "validation_error");
    let upsert = async || replica.upsert(&tenant.key, &bad).await;
    eventually("the refusal", upsert, |answer| answer.status != 200).await;
    let request = app.custom_fields(Method::DELETE, &tenant.key, "/AGE");
    assert_eq!(request.answer().await.status, 204);
    assert_eq!(app.upsert(&tenant.key, &bad).await.status, 200);
}
