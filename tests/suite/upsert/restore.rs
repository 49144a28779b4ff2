//! Soft-deleted contacts: upserts restore them, and they block no identifier.

use serde_json::{Value, json};

use super::{JANE, JOHN, OTHER_PHONE, PHONE, contact, phone_only_tenant};
use crate::harness::TestApp;

/// Creates a contact, soft-deletes it and returns its id.
async fn deleted(app: &TestApp, key: &str, body: &Value) -> Value {
    let id = contact(app, key, body).await;
    app.delete(&id).await;
    id
}

#[tokio::test]
async fn a_deleted_contact_is_restored_by_its_email_with_what_it_had() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let id = deleted(
        &app,
        &key,
        &json!({
            "email": JANE, "phone": PHONE,
            "customFields": {"a": 1, "b": 2},
            "marketingConsent": {"email": true},
        }),
    )
    .await;

    let body = json!({"email": JANE, "customFields": {"b": null, "c": 3}});
    let result = app.upsert(&key, &body).await.result();

    let expected = json!({"contactId": id, "outcome": "restored", "matchedBy": "email"});
    assert_eq!(result, expected);
    let row = app.row(&id).await;
    assert_eq!(row["deleted_at"], json!(null));
    assert_eq!(row["phone"], PHONE);
    assert_eq!(row["custom_fields"], json!({"a": 1, "c": 3}));
    assert_eq!(row["consent_email"], true);
    assert!(row["updated_at"].as_str() > row["created_at"].as_str());
}

#[tokio::test]
async fn a_deleted_contact_without_email_is_restored_by_its_phone() {
    let app = TestApp::start().await;
    let key = phone_only_tenant(&app).await.key;

    for body in [
        json!({"phone": PHONE}),
        json!({"email": JANE, "phone": PHONE}),
    ] {
        let id = deleted(&app, &key, &json!({"phone": PHONE})).await;

        let result = app.upsert(&key, &body).await.result();

        let expected = json!({"contactId": id, "outcome": "restored", "matchedBy": "phone"});
        assert_eq!(result, expected, "{body}");
        assert_eq!(app.row(&id).await["email"], body["email"]);
        app.delete(&id).await;
    }
}

#[tokio::test]
async fn a_deleted_contact_with_another_email_is_not_restored_by_its_phone() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let id = deleted(&app, &key, &json!({"email": JANE, "phone": PHONE})).await;

    let result = app
        .upsert(&key, &json!({"email": JOHN, "phone": PHONE}))
        .await
        .result();

    assert_eq!(result["outcome"], "created");
    assert_ne!(result["contactId"], id);
}

#[tokio::test]
async fn the_last_deleted_of_several_contacts_is_restored() {
    let app = TestApp::start().await;
    let key = phone_only_tenant(&app).await.key;

    for (shared, taken_over) in [
        (
            json!({"email": JANE}),
            json!({"email": JOHN, "phone": PHONE}),
        ),
        (
            json!({"phone": OTHER_PHONE}),
            json!({"email": "june@example.com"}),
        ),
    ] {
        // An active contact, matched by its other identifier, takes the shared one.
        let first = deleted(&app, &key, &shared).await;
        let second = contact(&app, &key, &taken_over).await;
        let mut both = taken_over.clone();
        for (name, value) in shared.as_object().unwrap() {
            both[name] = value.clone();
        }
        assert_eq!(contact(&app, &key, &both).await, second);
        app.delete(&second).await;

        let result = app.upsert(&key, &shared).await.result();
        assert_eq!(
            (&result["contactId"], &result["outcome"]),
            (&second, &json!("restored"))
        );

        app.delete(&second).await;
        app.delete(&first).await;
        let result = app.upsert(&key, &shared).await.result();
        assert_eq!(
            (&result["contactId"], &result["outcome"]),
            (&first, &json!("restored"))
        );
    }
}

#[tokio::test]
async fn a_restored_contact_drops_a_phone_that_is_in_use() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let id = deleted(&app, &key, &json!({"email": JANE, "phone": PHONE})).await;
    let holder = contact(&app, &key, &json!({"email": JOHN, "phone": PHONE})).await;
    let holders_row = app.row(&holder).await;

    let result = app.upsert(&key, &json!({"email": JANE})).await.result();

    let warning =
        json!({"code": "phone_conflict", "field": "phone", "conflictingContactId": holder});
    let expected = json!({
        "contactId": id, "outcome": "restored", "matchedBy": "email", "warnings": [warning],
    });
    assert_eq!(result, expected);
    let row = app.row(&id).await;
    assert_eq!((&row["email"], &row["phone"]), (&json!(JANE), &json!(null)));
    assert_eq!(app.row(&holder).await, holders_row);
}

#[tokio::test]
async fn a_restored_contact_drops_an_email_that_is_in_use() {
    let app = TestApp::start().await;
    let key = phone_only_tenant(&app).await.key;
    let id = deleted(&app, &key, &json!({"email": JANE, "phone": PHONE})).await;
    // An active contact, matched by its phone, takes the email.
    let holder = contact(&app, &key, &json!({"email": JOHN, "phone": OTHER_PHONE})).await;
    contact(&app, &key, &json!({"email": JANE, "phone": OTHER_PHONE})).await;

    let result = app.upsert(&key, &json!({"phone": PHONE})).await.result();

    let warning =
        json!({"code": "email_conflict", "field": "email", "conflictingContactId": holder});
    let expected = json!({
        "contactId": id, "outcome": "restored", "matchedBy": "phone", "warnings": [warning],
    });
    assert_eq!(result, expected);
    let row = app.row(&id).await;
    assert_eq!(
        (&row["email"], &row["phone"]),
        (&json!(null), &json!(PHONE))
    );
    assert_eq!(app.row(&holder).await["email"], JANE);
}

#[tokio::test]
async fn a_restored_contact_takes_the_sent_phone_instead_of_one_in_use() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let id = deleted(&app, &key, &json!({"email": JANE, "phone": PHONE})).await;
    contact(&app, &key, &json!({"email": JOHN, "phone": PHONE})).await;

    let body = json!({"email": JANE, "phone": OTHER_PHONE});
    let result = app.upsert(&key, &body).await.result();

    let expected = json!({"contactId": id, "outcome": "restored", "matchedBy": "email"});
    assert_eq!(result, expected);
    assert_eq!(app.row(&id).await["phone"], OTHER_PHONE);
}
