//! Definitions of custom fields, and their effects.

mod building;
mod filters;
mod keys;
mod validation;

use reqwest::Method;
use rubrica::domain::Scope;
use serde_json::{Value, json};

use crate::harness::{Answer, SendAndRead, TestApp};

async fn list(app: &TestApp, key: &str, query: &str) -> Answer {
    let request = app.custom_fields(Method::GET, key, query);
    request.answer().await
}

fn keys(fields: &Value) -> Vec<&str> {
    let fields = fields.as_array().expect("an array").iter();
    fields
        .map(|field| field["key"].as_str().expect("a key"))
        .collect()
}

#[tokio::test]
async fn a_definition_is_created_read_changed_and_deleted() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let body = json!({
        "key": "plan", "displayName": "Plan", "type": "select", "options": ["free", "pro"],
        "category": "Billing",
    });

    let created = app.define(&key, &body).await;
    let read = app.custom_fields(Method::GET, &key, "/Plan").answer().await;
    let changed = app
        .redefine(
            &key,
            "plan",
            &json!({"displayName": "Tariff", "category": null}),
        )
        .await;
    let deleted = app
        .custom_fields(Method::DELETE, &key, "/PLAN")
        .answer()
        .await;

    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.header("location"), "/public/v1/custom-fields/PLAN");
    let mut expected = created.json();
    assert!(expected["createdAt"].as_str().unwrap().ends_with('Z'));
    assert_eq!(read.json(), expected);
    let mut bare = expected.clone();
    let members = bare.as_object_mut().unwrap();
    members.shift_remove("createdAt");
    members.shift_remove("updatedAt");
    assert_eq!(
        bare.to_string(),
        r#"{"key":"PLAN","displayName":"Plan","type":"select","options":["free","pro"],"category":"Billing","filterable":false}"#
    );
    let changed = changed.json();
    assert_ne!(changed["updatedAt"], expected["updatedAt"]);
    expected["displayName"] = json!("Tariff");
    expected["category"] = Value::Null;
    expected["updatedAt"] = changed["updatedAt"].clone();
    assert_eq!(changed, expected);
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    for deleted in [
        app.custom_fields(Method::GET, &key, "/PLAN").answer().await,
        app.redefine(&key, "PLAN", &json!({})).await,
        app.custom_fields(Method::DELETE, &key, "/PLAN")
            .answer()
            .await,
    ] {
        deleted.error(404, "not_found");
    }
    assert_eq!(
        app.count("select count(*) from custom_field_definitions")
            .await,
        0
    );
    assert_eq!(app.define(&key, &body).await.status, 201);
}

#[tokio::test]
async fn keys_are_upper_cased_and_unique_in_any_case() {
    let app = TestApp::start().await;
    let (key, stranger) = (app.tenant().await.key, app.tenant().await.key);
    let field = |name: &str| json!({"key": name, "type": "text"});

    let first = app.define(&key, &field("straße nr.")).await;
    let same = app.define(&key, &field("STRASSE NR.")).await;

    assert_eq!(first.json()["key"], "STRASSE NR.");
    assert_eq!(first.json()["displayName"], "straße nr.");
    let error = same.error(409, "duplicate_resource");
    assert_eq!(error["details"]["field"], "key");
    assert_eq!(
        app.define(&stranger, &field("strasse nr.")).await.status,
        201
    );
    let path = first.header("location").to_owned();
    let found = app.request(Method::GET, &path).bearer_auth(&key);
    assert_eq!(found.answer().await.json(), first.json());
}

#[tokio::test]
async fn definitions_are_listed_in_the_order_of_their_keys_or_by_category() {
    let app = TestApp::start().await;
    let (key, stranger) = (app.tenant().await.key, app.tenant().await.key);
    assert_eq!(list(&app, &key, "").await.text, r#"{"data":[]}"#);
    for (name, category) in [
        ("b", json!("Zoo")),
        ("c", json!(null)),
        ("a", json!("Zoo")),
        ("d", json!("Billing")),
    ] {
        let body = json!({"key": name, "type": "text", "category": category});
        assert_eq!(app.define(&key, &body).await.status, 201);
    }

    let all = list(&app, &key, "").await.json();
    let grouped = list(&app, &key, "?groupBy=category").await.json();

    assert_eq!(keys(&all["data"]), ["A", "B", "C", "D"]);
    let groups: Vec<_> = grouped["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["category"].clone(), keys(&group["customFields"])))
        .collect();
    assert_eq!(
        groups,
        [
            (json!("Billing"), vec!["D"]),
            (json!("Zoo"), vec!["A", "B"]),
            (Value::Null, vec!["C"]),
        ]
    );
    assert_eq!(list(&app, &stranger, "").await.json()["data"], json!([]));
    for query in ["?groupBy=type", "?limit=1"] {
        list(&app, &key, query).await.error(400, "bad_request");
    }
}

#[tokio::test]
async fn an_invalid_definition_is_refused_by_field() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let long = "x".repeat(129);

    for (body, field) in [
        (json!({"type": "text"}), "key"),
        (json!({"key": " ", "type": "text"}), "key"),
        (json!({"key": long, "type": "text"}), "key"),
        (json!({"key": 7, "type": "text"}), "key"),
        (json!({"key": "plan"}), "type"),
        (json!({"key": "plan", "type": "money"}), "type"),
        (json!({"key": "plan", "type": "select"}), "options"),
        (
            json!({"key": "plan", "type": "select", "options": []}),
            "options",
        ),
        (
            json!({"key": "plan", "type": "select", "options": ["a", "a"]}),
            "options",
        ),
        (
            json!({"key": "plan", "type": "select", "options": ["a", 1]}),
            "options",
        ),
        (
            json!({"key": "plan", "type": "text", "options": ["a"]}),
            "options",
        ),
        (
            json!({"key": "plan", "type": "text", "displayName": ""}),
            "displayName",
        ),
        (
            json!({"key": "plan", "type": "text", "category": 1}),
            "category",
        ),
        (
            json!({"key": "plan", "type": "text", "filterable": "yes"}),
            "filterable",
        ),
        (
            json!({"key": "plan", "type": "json", "filterable": true}),
            "filterable",
        ),
        (json!({"key": "pl\u{200b}an", "type": "text"}), "key"),
        (json!({"key": "\u{3164}", "type": "text"}), "key"),
        (
            json!({"key": "plan", "type": "text", "displayName": "\u{202e}nalp"}),
            "displayName",
        ),
        (
            json!({"key": "plan", "type": "text", "color": "red"}),
            "color",
        ),
        (json!([]), "body"),
    ] {
        let answer = app.define(&key, &body).await;

        let error = answer.error(422, "validation_error");
        assert_eq!(error["details"]["field"], field, "{body}: {error}");
    }
    let several = json!({"key": 1, "type": 2, "filterable": 3});
    let error = app
        .define(&key, &several)
        .await
        .error(422, "validation_error");
    assert_eq!(error["details"]["errors"].as_array().unwrap().len(), 3);
    assert_eq!(list(&app, &key, "").await.json()["data"], json!([]));
}

#[tokio::test]
async fn a_change_is_validated_together_with_the_stored_definition() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    app.define(
        &key,
        &json!({"key": "plan", "type": "text", "filterable": true}),
    )
    .await;

    for (body, field) in [
        (json!({"type": "json"}), "filterable"),
        (json!({"type": "select"}), "options"),
        (json!({"options": ["a"]}), "options"),
        (json!({"key": "tariff"}), "key"),
    ] {
        let error = app.redefine(&key, "plan", &body).await;
        let error = error.error(422, "validation_error");
        assert_eq!(error["details"]["field"], field, "{body}");
    }
    let select = json!({"type": "select", "options": ["a", "b"]});
    assert_eq!(app.redefine(&key, "plan", &select).await.status, 200);
    let more = app.redefine(&key, "plan", &json!({"options": ["c"]})).await;
    assert_eq!(more.json()["options"], json!(["c"]));
    let text = app.redefine(&key, "plan", &json!({"type": "text"})).await;
    assert!(text.json().get("options").is_none());
}

#[tokio::test]
async fn a_company_defines_a_bounded_number_of_fields() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let fill = format!(
        "insert into custom_field_definitions (company_id, key, display_name, type)
         select {}, 'KEY' || n, 'Key', 'text' from generate_series(1, 249) as n",
        tenant.company
    );
    app.sql().await.batch_execute(&fill).await.unwrap();
    let field = |name: &str| json!({"key": name, "type": "text"});

    let last = app.define(&tenant.key, &field("last")).await;
    let one_more = app.define(&tenant.key, &field("more")).await;

    assert_eq!(last.status, 201);
    let error = one_more.error(422, "validation_error");
    assert_eq!(error["details"]["field"], "key");
}

#[tokio::test]
async fn definitions_need_their_scopes() {
    let app = TestApp::start().await;
    let reader = app.tenant_with_scopes(&[Scope::CustomFieldsRead]).await.key;
    let writer = app
        .tenant_with_scopes(&[Scope::CustomFieldsWrite])
        .await
        .key;
    let body = json!({"key": "plan", "type": "text"});

    for (refused, scope) in [
        (app.define(&reader, &body).await, "custom_fields:write"),
        (
            app.redefine(&reader, "plan", &body).await,
            "custom_fields:write",
        ),
        (list(&app, &writer, "").await, "custom_fields:read"),
        (list(&app, &writer, "/PLAN").await, "custom_fields:read"),
    ] {
        let error = refused.error(403, "forbidden");
        assert_eq!(error["details"]["scope"], scope);
    }
    let other = app
        .custom_fields(Method::PUT, &writer, "/PLAN")
        .answer()
        .await;
    other.error(405, "method_not_allowed");
    assert_eq!(other.header("allow"), "GET, HEAD, PATCH, DELETE");
}
