//! Which contact an upsert matches, and its identifiers afterwards.

use serde_json::json;

use super::{JANE, JOHN, OTHER_PHONE, PHONE, contact};
use crate::harness::TestApp;

#[tokio::test]
async fn a_new_contact_is_created_with_all_that_was_sent() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let body = json!({
        "email": JANE, "phone": PHONE,
        "customFields": {"plan": "pro"},
        "marketingConsent": {"email": true, "whatsapp": false},
    });

    let result = app.upsert(&tenant.key, &body).await.result();

    assert_eq!(result["outcome"], "created");
    assert_eq!(result["matchedBy"], json!(null));
    let row = app.row(&result["contactId"]).await;
    assert_eq!(row["company_id"], tenant.company.get());
    assert_eq!(row["email"], JANE);
    assert_eq!(row["phone"], PHONE);
    assert_eq!(row["custom_fields"], json!({"plan": "pro"}));
    assert_eq!(
        (&row["consent_email"], &row["consent_whatsapp"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(row["created_at"], row["updated_at"]);
    assert_eq!(row["deleted_at"], json!(null));
}

#[tokio::test]
async fn a_contact_that_is_matched_by_email_takes_the_sent_phone() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let id = contact(&app, &key, &json!({"email": JANE})).await;

    for phone in [PHONE, OTHER_PHONE] {
        let result = app
            .upsert(&key, &json!({"email": JANE, "phone": phone}))
            .await
            .result();

        assert_eq!(result["contactId"], id);
        assert_eq!(result["matchedBy"], "email");
        assert_eq!(app.row(&id).await["phone"], phone);
    }
    // The first phone is free again.
    let other = app
        .upsert(&key, &json!({"email": JOHN, "phone": PHONE}))
        .await
        .result();
    assert_eq!(other["outcome"], "created");
}

#[tokio::test]
async fn a_contact_that_is_matched_by_phone_takes_the_sent_email() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let id = contact(&app, &key, &json!({"email": JANE, "phone": PHONE})).await;

    let result = app
        .upsert(&key, &json!({"email": JOHN, "phone": PHONE}))
        .await
        .result();

    assert_eq!(result["contactId"], id);
    assert_eq!(result["outcome"], "updated");
    assert_eq!(result["matchedBy"], "phone");
    assert_eq!(app.row(&id).await["email"], JOHN);
    // The old address is free again.
    let other = app.upsert(&key, &json!({"email": JANE})).await.result();
    assert_eq!(other["outcome"], "created");
}

#[tokio::test]
async fn an_upsert_never_removes_an_identifier() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let id = contact(&app, &key, &json!({"email": JANE, "phone": PHONE})).await;

    for body in [
        json!({"email": JANE, "customFields": {"a": 1}}),
        json!({"email": JANE, "phone": null, "customFields": {"a": 2}}),
    ] {
        let result = app.upsert(&key, &body).await.result();

        assert_eq!(result["outcome"], "updated", "{body}");
        assert_eq!(app.row(&id).await["phone"], PHONE, "{body}");
    }
}

#[tokio::test]
async fn an_active_match_by_phone_precedes_a_deleted_match_by_email() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let deleted = contact(&app, &key, &json!({"email": JANE})).await;
    app.delete(&deleted).await;
    let live = contact(&app, &key, &json!({"email": JOHN, "phone": PHONE})).await;

    let result = app
        .upsert(&key, &json!({"email": JANE, "phone": PHONE}))
        .await
        .result();

    assert_eq!(result["contactId"], live);
    assert_eq!(result["outcome"], "updated");
    assert_eq!(app.row(&live).await["email"], JANE);
    assert_ne!(app.row(&deleted).await["deleted_at"], json!(null));
}

#[tokio::test]
async fn an_unknown_field_or_channel_is_named_and_nothing_is_written() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;

    for (body, field) in [
        (json!({"email": JANE, "name": "Jane"}), "name"),
        (json!({"email": JANE, "Email": JANE}), "Email"),
        (json!({"email": JANE, "custom_fields": {}}), "custom_fields"),
        (json!({"email": JANE, "contactId": null}), "contactId"),
        (json!({"email": JANE, "": 1}), ""),
        (
            json!({"email": JANE, "marketingConsent": {"sms": true}}),
            "marketingConsent.sms",
        ),
        (
            json!({"email": JANE, "marketingConsent": {"Email": null}}),
            "marketingConsent.Email",
        ),
    ] {
        let error = app.upsert(&key, &body).await.error(422, "validation_error");

        assert_eq!(error["details"]["field"], field, "{body}");
        assert!(
            error["message"].as_str().unwrap().contains(field),
            "{error}"
        );
        assert_eq!(app.contents().await, "", "{body}");
    }
}

#[tokio::test]
async fn companies_that_share_emails_and_phones_never_see_each_other() {
    let app = TestApp::start().await;
    let tenants = [app.tenant().await, app.tenant().await];
    let body = json!({"email": JANE, "phone": PHONE});
    let john = json!({"email": JOHN, "phone": OTHER_PHONE});

    let mut ids = vec![];
    for tenant in &tenants {
        let result = app.upsert(&tenant.key, &body).await.result();
        assert_eq!(result["outcome"], "created");
        let row = app.row(&result["contactId"]).await;
        assert_eq!(row["company_id"], tenant.company.get());
        ids.push(result["contactId"].clone());
    }

    // Conflicts, deleted contacts and changes of one company do not affect the other.
    contact(&app, &tenants[0].key, &john).await;
    let moved = json!({"email": JANE, "phone": OTHER_PHONE});
    app.upsert(&tenants[0].key, &moved)
        .await
        .error(409, "duplicate_resource");
    let result = app.upsert(&tenants[1].key, &moved).await.result();
    assert_eq!(
        (&result["contactId"], &result["outcome"]),
        (&ids[1], &json!("updated"))
    );

    app.delete(&ids[0]).await;
    let result = app.upsert(&tenants[1].key, &moved).await.result();
    assert_eq!(
        (&result["contactId"], &result["outcome"]),
        (&ids[1], &json!("unchanged"))
    );
    app.delete(&ids[1]).await;
    let result = app
        .upsert(&tenants[0].key, &json!({"email": JANE}))
        .await
        .result();
    assert_eq!(
        (&result["contactId"], &result["outcome"]),
        (&ids[0], &json!("restored"))
    );
}
