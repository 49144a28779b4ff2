//! The phone of an upsert belongs to another active contact.

use serde_json::{Value, json};

use super::{JANE, JOHN, OTHER_PHONE, PHONE, contact, skipping_tenant};
use crate::harness::TestApp;

/// Creates Jane without a phone and John with it, and returns their ids.
async fn jane_and_john(app: &TestApp, key: &str) -> (Value, Value) {
    let jane = contact(app, key, &json!({"email": JANE})).await;
    let john = contact(app, key, &json!({"email": JOHN, "phone": PHONE})).await;
    (jane, john)
}

fn janes_update() -> Value {
    json!({
        "email": JANE, "phone": PHONE,
        "customFields": {"plan": "pro"},
        "marketingConsent": {"email": true, "whatsapp": true},
    })
}

#[tokio::test]
async fn a_phone_of_another_contact_is_refused_and_nothing_is_written() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let (jane, john) = jane_and_john(&app, &key).await;
    let before = app.contents().await;

    for body in [janes_update(), json!({"email": JANE, "phone": PHONE})] {
        let error = app
            .upsert(&key, &body)
            .await
            .error(409, "duplicate_resource");

        let details = json!({"field": "phone", "contactId": jane, "conflictingContactId": john});
        assert_eq!(error["details"], details);
        assert_eq!(app.contents().await, before);
    }
}

#[tokio::test]
async fn with_skip_every_field_but_the_phone_is_written() {
    let app = TestApp::start().await;
    let key = skipping_tenant(&app).await.key;
    let (jane, john) = jane_and_john(&app, &key).await;
    let johns_row = app.row(&john).await;

    let answer = app.upsert(&key, &janes_update()).await;
    let repeated = app.upsert(&key, &janes_update()).await.result();

    let warnings = json!([
        {"code": "phone_conflict", "field": "phone", "conflictingContactId": john},
    ]);
    let expected = json!([{
        "contactId": jane, "outcome": "updated", "matchedBy": "email", "warnings": warnings,
    }]);
    // The text, because the order of the members is documented.
    assert_eq!(answer.text, expected.to_string());
    let row = app.row(&jane).await;
    assert_eq!((&row["email"], &row["phone"]), (&json!(JANE), &json!(null)));
    assert_eq!(row["custom_fields"], json!({"plan": "pro"}));
    assert_eq!(
        (&row["consent_email"], &row["consent_whatsapp"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(app.row(&john).await, johns_row);
    assert_eq!(app.consent_events(&jane).await.len(), 2);
    assert_eq!(
        (&repeated["outcome"], &repeated["warnings"]),
        (&json!("unchanged"), &warnings)
    );
}

#[tokio::test]
async fn a_skipped_phone_keeps_the_stored_one() {
    let app = TestApp::start().await;
    let key = skipping_tenant(&app).await.key;
    let (jane, john) = jane_and_john(&app, &key).await;
    contact(&app, &key, &json!({"email": JANE, "phone": OTHER_PHONE})).await;

    let result = app
        .upsert(&key, &json!({"email": JANE, "phone": PHONE}))
        .await
        .result();

    assert_eq!(result["outcome"], "unchanged");
    assert_eq!(result["warnings"][0]["conflictingContactId"], john);
    assert_eq!(app.row(&jane).await["phone"], OTHER_PHONE);
}

#[tokio::test]
async fn the_phone_of_a_deleted_contact_can_be_taken() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let (jane, john) = jane_and_john(&app, &key).await;
    app.delete(&john).await;

    let result = app
        .upsert(&key, &json!({"email": JANE, "phone": PHONE}))
        .await
        .result();

    assert_eq!(
        (&result["contactId"], &result["outcome"]),
        (&jane, &json!("updated"))
    );
    assert_eq!(app.row(&jane).await["phone"], PHONE);
}
