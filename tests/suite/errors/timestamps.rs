//! Timestamps have one form: six digits of fraction, in UTC.

use rubrica::domain::Scope;
use serde_json::{Value, json};

use crate::harness::{Binary, SendAndRead, TestApp};

/// The members with the names of timestamps, at any depth.
fn timestamps(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(text) if name.ends_with("At") || name == "hour" => {
                    vec![text.clone()]
                }
                _ => timestamps(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(timestamps).collect(),
        _ => vec![],
    }
}

#[track_caller]
fn assert_in_form(answer: &Value, at_least: usize) {
    let found = timestamps(answer);
    assert!(found.len() >= at_least, "{answer}");
    for text in found {
        let digits = text.replace(|character: char| character.is_ascii_digit(), "0");
        assert_eq!(digits, "0000-00-00T00:00:00.000000Z", "{text}");
    }
}

#[tokio::test]
async fn every_timestamp_of_every_response_has_six_fraction_digits() {
    let app = TestApp::with_settings(&[("usage.flush_interval", "100ms")]).await;
    let operator = app.operator().await;
    let tenant = app
        .tenant_with_scopes(&[
            Scope::ContactsRead,
            Scope::ContactsWrite,
            Scope::CustomFieldsRead,
            Scope::CustomFieldsWrite,
        ])
        .await;
    let key = &tenant.key;
    let jane = json!({"email": "jane@example.com", "marketingConsent": {"email": true}});
    let id = app.upsert(key, &jane).await.result()["contactId"].clone();
    let id = id.as_str().unwrap();
    app.delete_contact(key, id).await;
    // As few digits as a timestamp can have.
    let whole_seconds = "
        update contacts set
            created_at = date_trunc('second', created_at),
            updated_at = date_trunc('second', updated_at),
            deleted_at = date_trunc('second', deleted_at);
        update companies set created_at = date_trunc('second', created_at);
        update api_keys set created_at = date_trunc('second', created_at);
        update admins set created_at = date_trunc('second', created_at)";
    app.sql().await.batch_execute(whole_seconds).await.unwrap();

    let list = app.list_contacts(key, "deleted=include").await.json();
    assert_in_form(&list, 3);
    let read = app.put_contact(key, id, &json!({})).await.json();
    assert_in_form(&read, 2);
    let events = app.get_contact(key, &format!("{id}/consent-events")).await;
    assert_in_form(&events.json(), 1);
    let field = json!({"key": "plan", "type": "text"});
    assert_in_form(&app.define(key, &field).await.json(), 2);
    let fields = app.custom_fields(reqwest::Method::GET, key, "").answer();
    assert_in_form(&fields.await.json(), 2);

    let company = format!("companies/{}", tenant.company);
    let keys = format!("{company}/keys");
    let new_key = json!({"name": "shop", "expiresAt": "2126-01-31T09:30:00Z"});
    let invitation = json!({"email": "new@example.com", "role": "operator"});
    let created = app.admin_post(&operator, &keys, &new_key).await;
    let client = created.json()["clientId"].as_str().unwrap().to_owned();
    let rotate = format!("keys/{client}/rotate");
    let rotated = app.admin_post(&operator, &rotate, &json!({})).await;
    for (answer, at_least) in [
        (created, 2),
        (rotated, 4),
        (app.admin_get(&operator, &company).await, 1),
        (app.admin_get(&operator, "companies").await, 1),
        (app.admin_get(&operator, &keys).await, 5),
        (app.admin_post(&operator, "admins", &invitation).await, 2),
        (app.admin_get(&operator, "admins").await, 2),
        (app.admin_get(&operator, "audit").await, 5),
        (
            app.sign_in(&operator.email, crate::harness::PASSWORD).await,
            1,
        ),
    ] {
        assert_in_form(&answer.json(), at_least);
    }

    let rubrica = Binary::of(&app);
    let company = tenant.company.to_string();
    for (arguments, at_least) in [
        (vec!["company", "list", "--json"], 1),
        (vec!["key", "list", "--company", &company, "--json"], 5),
        (vec!["admin", "list", "--json"], 2),
        (
            vec![
                "key",
                "create",
                "--company",
                &company,
                "--name",
                "x",
                "--expires-in",
                "1d",
                "--json",
            ],
            1,
        ),
    ] {
        assert_in_form(&rubrica.run(&arguments).json(), at_least);
    }
}
