//! An erasure covers a person's former identifiers: no data with one of them is left, and the opt-outs
//! of each are kept.

use reqwest::Method;
use serde_json::{Value, json};

use super::suppressions::warning;
use super::{erase, erasing_tenant, rows_with, upserted};
use crate::harness::{SendAndRead, Tenant, TestApp};

const OLD: &str = "old@example.com";
const NEW: &str = "new@example.com";
const OLD_PHONE: &str = "+393391234567";
const NEW_PHONE: &str = "+4915112345678";

/// A contact that gave these consents with its old identifiers, and has new ones by now.
async fn moved(app: &TestApp, tenant: &Tenant, consents: &Value) -> String {
    let body = json!({"email": OLD, "phone": OLD_PHONE, "marketingConsent": consents});
    let id = upserted(app, tenant, &body).await;
    let change = json!({"email": NEW, "phone": NEW_PHONE});
    let changed = app.put_contact(&tenant.key, &id, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    id
}

/// The warnings of imports that opt in by both channels, one for each of these identifiers.
async fn warnings_of_imports(app: &TestApp, tenant: &Tenant, identifiers: &[Value]) -> Vec<Value> {
    let contacts: Vec<Value> = identifiers
        .iter()
        .enumerate()
        .map(|(n, identifiers)| {
            let mut contact = identifiers.clone();
            if contact.get("email").is_none() {
                contact["email"] = json!(format!("import{n}@example.com"));
            }
            contact["marketingConsent"] = json!({"email": true, "whatsapp": true});
            contact
        })
        .collect();
    let body = json!({"contacts": contacts});
    let request = app.contact(Method::POST, &tenant.key, "batch").json(&body);
    let items = request.answer().await.json();
    let items = items.as_array().expect("items").iter();
    items.map(|item| item["warnings"].clone()).collect()
}

#[tokio::test]
async fn an_opt_out_of_a_former_identifier_is_kept_for_it() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let out = json!({"email": false, "whatsapp": false});
    let id = moved(&app, &tenant, &out).await;

    erase(&app, &tenant, &id).await;

    for value in [OLD, NEW, OLD_PHONE, NEW_PHONE] {
        assert_eq!(rows_with(&app, value).await, Vec::<String>::new());
    }
    let both = json!([warning("email"), warning("whatsapp")]);
    let single = json!({"email": OLD, "marketingConsent": {"email": true, "whatsapp": true}});
    let single = app.upsert(&tenant.key, &single).await.result();
    assert_eq!(single["warnings"], both);
    let batch = [
        json!({"email": NEW}),
        json!({"phone": OLD_PHONE}),
        json!({"phone": NEW_PHONE}),
        json!({"email": "bob@example.com"}),
    ];
    let warnings = warnings_of_imports(&app, &tenant, &batch).await;
    assert_eq!(warnings, [both.clone(), both.clone(), both, json!(null)]);
}

#[tokio::test]
async fn a_former_identifier_stays_opted_out_after_an_opt_in_with_a_later_one() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let id = moved(&app, &tenant, &json!({"email": false, "whatsapp": false})).await;
    let opt_in = json!({"marketingConsent": {"email": true, "whatsapp": true}});
    app.put_contact(&tenant.key, &id, &opt_in).await;

    erase(&app, &tenant, &id).await;

    let batch = [
        json!({"email": OLD}),
        json!({"phone": OLD_PHONE}),
        json!({"email": NEW}),
        json!({"phone": NEW_PHONE}),
    ];
    let warnings = warnings_of_imports(&app, &tenant, &batch).await;
    let expected = [
        json!([warning("email")]),
        json!([warning("whatsapp")]),
        json!(null),
        json!(null),
    ];
    assert_eq!(warnings, expected);
}

#[tokio::test]
async fn a_removed_identifier_is_a_former_identifier() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let body = json!({"email": OLD, "phone": OLD_PHONE, "marketingConsent": {"whatsapp": false}});
    let id = upserted(&app, &tenant, &body).await;
    app.put_contact(&tenant.key, &id, &json!({"phone": null}))
        .await;

    erase(&app, &tenant, &id).await;

    let warnings = warnings_of_imports(&app, &tenant, &[json!({"phone": OLD_PHONE})]).await;
    assert_eq!(warnings, [json!([warning("whatsapp")])]);
}

#[tokio::test]
async fn deleted_contacts_with_a_former_identifier_are_erased_and_an_active_one_is_suppressed() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let stranger = erasing_tenant(&app).await;
    let id = moved(&app, &tenant, &json!({"email": false, "whatsapp": true})).await;
    let deleted = upserted(
        &app,
        &tenant,
        &json!({"email": OLD, "customFields": {"n": 1}}),
    )
    .await;
    app.delete_contact(&tenant.key, &deleted).await;
    let live = json!({"email": "live@example.com", "phone": OLD_PHONE});
    let live = upserted(&app, &tenant, &live).await;
    let other = upserted(&app, &stranger, &json!({"email": OLD})).await;
    app.delete_contact(&stranger.key, &other).await;

    erase(&app, &tenant, &id).await;

    let left = rows_with(&app, OLD).await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(
        left[0].contains(&format!("({},{other},", stranger.company)),
        "{left:?}"
    );
    let contact = app.get_contact(&tenant.key, &live).await.json();
    assert_eq!(contact["phone"], OLD_PHONE);
    let events = app.audit_events("contact.erase").await;
    let erased: i64 = deleted.parse().unwrap();
    assert_eq!(events[0]["after"], json!({"erasedTwins": [erased]}));
    // The contact stays suppressed without the identifier.
    let opt_in = json!({"email": "live@example.com", "marketingConsent": {"email": true}});
    let result = app.upsert(&tenant.key, &opt_in).await.result();
    assert_eq!(result["warnings"], json!([warning("email")]));
}

#[tokio::test]
async fn former_identifiers_of_a_duplicate_are_suppressed_too() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let duplicate = moved(&app, &tenant, &json!({"email": false, "whatsapp": true})).await;
    app.delete_contact(&tenant.key, &duplicate).await;
    let jane = json!({"email": "jane@example.com", "phone": NEW_PHONE});
    let id = upserted(&app, &tenant, &jane).await;

    erase(&app, &tenant, &id).await;

    for value in [OLD, NEW, OLD_PHONE, NEW_PHONE, "jane@"] {
        assert_eq!(rows_with(&app, value).await, Vec::<String>::new());
    }
    let batch = [
        json!({"email": OLD}),
        json!({"email": "jane@example.com"}),
        json!({"phone": OLD_PHONE}),
    ];
    let warnings = warnings_of_imports(&app, &tenant, &batch).await;
    let expected = json!([warning("email")]);
    assert_eq!(warnings, [expected.clone(), expected.clone(), expected]);
}

#[tokio::test]
async fn a_consent_does_not_apply_to_an_address_that_was_opted_out() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let body = json!({"email": OLD, "phone": OLD_PHONE, "marketingConsent": {"email": false}});
    let id = upserted(&app, &tenant, &body).await;
    erase(&app, &tenant, &id).await;
    let body = json!({
        "email": NEW, "phone": NEW_PHONE, "marketingConsent": {"email": true, "whatsapp": true},
    });
    let id = upserted(&app, &tenant, &body).await;

    let result = app
        .upsert(&tenant.key, &json!({"email": OLD, "phone": NEW_PHONE}))
        .await
        .result();

    assert_eq!(result["contactId"], json!(id));
    let replaced = json!({"code": "email_replaced", "field": "email", "previousEmail": NEW});
    assert_eq!(result["warnings"], json!([replaced, warning("email")]));
    let contact = app.get_contact(&tenant.key, &id).await.json();
    let expected = json!({"email": null, "whatsapp": true});
    assert_eq!(contact["marketingConsent"], expected);
    let events = app.consent_events(&json!(id)).await;
    let last = events.last().expect("an event");
    assert_eq!(
        (&last["new_status"], &last["address"]),
        (&json!(null), &json!(OLD))
    );
}

#[tokio::test]
async fn an_erasure_is_recorded_with_the_clients_address_and_the_request_id() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let id = upserted(&app, &tenant, &json!({"email": OLD})).await;

    let request = app.contact(Method::POST, &tenant.key, &format!("{id}/erase"));
    let answer = request.header("x-request-id", "erasure-17").answer().await;

    assert_eq!(answer.status, 204);
    let event = &app.audit_events("contact.erase").await[0];
    assert_eq!(event["actor"], json!(format!("key:{}", tenant.client)));
    assert_eq!(event["client_address"], "127.0.0.1");
    assert_eq!(event["request_id"], "erasure-17");
}
