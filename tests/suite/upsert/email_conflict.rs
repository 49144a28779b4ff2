//! The phone of an upsert belongs to an active contact with a different email.

use reqwest::Method;
use rubrica::domain::{EmailConflict, PhoneConflict};
use serde_json::{Value, json};

use super::{
    JANE, JOHN, OTHER_PHONE, PHONE, contact, phone_only_tenant, tenant_with,
    tenant_with_email_conflict,
};
use crate::harness::{SendAndRead, TestApp};

/// Creates Jane, whose phone John sends with his own email, and returns her id.
async fn jane(app: &TestApp, key: &str) -> Value {
    let body = json!({
        "email": JANE, "phone": PHONE,
        "customFields": {"plan": "pro"},
        "marketingConsent": {"email": true, "whatsapp": false},
    });
    contact(app, key, &body).await
}

fn john() -> Value {
    json!({"email": JOHN, "phone": PHONE, "customFields": {"name": "John"}})
}

fn email_replaced(previous: &str) -> Value {
    json!([{"code": "email_replaced", "field": "email", "previousEmail": previous}])
}

fn phone_conflict(holder: &Value) -> Value {
    json!([{"code": "phone_conflict", "field": "phone", "conflictingContactId": holder}])
}

#[tokio::test]
async fn by_default_the_address_is_replaced_and_the_previous_one_is_reported() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let id = jane(&app, &key).await;

    let answer = app.upsert(&key, &john()).await;
    let repeated = app.upsert(&key, &john()).await.result();

    let expected = json!([{
        "contactId": id, "outcome": "updated", "matchedBy": "phone", "warnings": email_replaced(JANE),
    }]);
    // The text, because the order of the members is documented.
    assert_eq!(answer.text, expected.to_string());
    assert_eq!(app.row(&id).await["email"], JOHN);
    // Now it is matched by its email, and nothing is replaced.
    let expected = json!({"contactId": id, "outcome": "unchanged", "matchedBy": "email"});
    assert_eq!(repeated, expected);
}

#[tokio::test]
async fn a_first_email_replaces_none() {
    let app = TestApp::start().await;
    for choice in [
        EmailConflict::Replace,
        EmailConflict::Reject,
        EmailConflict::Create,
    ] {
        let key = tenant_with(&app, |company| {
            company.email_conflict = Some(choice);
            company.phone_only_contacts = Some(true);
        })
        .await
        .key;
        let id = contact(&app, &key, &json!({"phone": PHONE})).await;

        let result = app.upsert(&key, &john()).await.result();

        let expected = json!({"contactId": id, "outcome": "updated", "matchedBy": "phone"});
        assert_eq!(result, expected, "{choice:?}");
        assert_eq!(app.row(&id).await["email"], JOHN);
        // Without an email there is no conflict.
        let by_phone = json!({"phone": PHONE, "customFields": {"a": 1}});
        let result = app.upsert(&key, &by_phone).await.result();
        assert_eq!(result, expected, "{choice:?}");
    }
}

#[tokio::test]
async fn a_batch_reports_each_replaced_address_in_its_item() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let id = jane(&app, &key).await;
    let body = json!({"contacts": [
        {"email": "new@example.com", "phone": OTHER_PHONE},
        john(),
        {"email": "third@example.com", "phone": PHONE},
    ]});

    let answer = app
        .contact(Method::POST, &key, "batch")
        .json(&body)
        .answer()
        .await;

    assert_eq!(answer.status, 200);
    let items = answer.json();
    assert!(items[0].get("warnings").is_none(), "{items}");
    assert_eq!(items[1]["warnings"], email_replaced(JANE));
    assert_eq!(items[2]["warnings"], email_replaced(JOHN));
    assert_eq!(items[2]["contactId"], id);
}

#[tokio::test]
async fn with_reject_the_upsert_is_refused_and_nothing_is_written() {
    let app = TestApp::start().await;
    let key = tenant_with_email_conflict(&app, EmailConflict::Reject)
        .await
        .key;
    let id = jane(&app, &key).await;
    let before = app.contents().await;

    let error = app
        .upsert(&key, &john())
        .await
        .error(409, "duplicate_resource");
    let batch = json!({"contacts": [john(), {"email": JANE}]});
    let answer = app
        .contact(Method::POST, &key, "batch")
        .json(&batch)
        .answer()
        .await;

    assert_eq!(error["details"], json!({"field": "email", "contactId": id}));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("e-mail address"),
        "{error}"
    );
    assert_eq!(answer.status, 207);
    assert_eq!(answer.json()[0]["error"]["details"], error["details"]);
    assert_eq!(app.contents().await, before);
    // A change by id may replace the email.
    let changed = app
        .put_contact(&key, id.as_str().unwrap(), &json!({"email": JOHN}))
        .await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(app.upsert(&key, &john()).await.result()["contactId"], id);
}

#[tokio::test]
async fn with_create_a_contact_is_created_without_the_phone() {
    let app = TestApp::start().await;
    let key = tenant_with_email_conflict(&app, EmailConflict::Create)
        .await
        .key;
    let jane = jane(&app, &key).await;
    let janes_row = app.row(&jane).await;
    let body = json!({
        "email": JOHN, "phone": PHONE, "customFields": {"name": "John"},
        "marketingConsent": {"email": true, "whatsapp": true},
    });

    let result = app.upsert(&key, &body).await.result();

    assert_eq!(result["outcome"], "created");
    assert_eq!(result["matchedBy"], json!(null));
    assert_eq!(result["warnings"], phone_conflict(&jane));
    let row = app.row(&result["contactId"]).await;
    assert_eq!((&row["email"], &row["phone"]), (&json!(JOHN), &json!(null)));
    assert_eq!(row["custom_fields"], json!({"name": "John"}));
    assert_eq!(row["consent_email"], true);
    assert_eq!(app.row(&jane).await, janes_row);
}

#[tokio::test]
async fn the_created_contact_is_matched_by_email_and_phone_conflict_decides_about_the_phone() {
    let app = TestApp::start().await;
    let strict = tenant_with_email_conflict(&app, EmailConflict::Create)
        .await
        .key;
    let lenient = tenant_with(&app, |company| {
        company.email_conflict = Some(EmailConflict::Create);
        company.phone_conflict = Some(PhoneConflict::Skip);
    })
    .await
    .key;
    for key in [&strict, &lenient] {
        jane(&app, key).await;
        app.upsert(key, &john()).await.result();
    }

    let refused = app.upsert(&strict, &john()).await;
    let skipped = app.upsert(&lenient, &john()).await.result();

    assert_eq!(
        refused.error(409, "duplicate_resource")["details"]["field"],
        "phone"
    );
    assert_eq!(skipped["outcome"], "unchanged");
    assert_eq!(skipped["warnings"][0]["code"], "phone_conflict");
}

#[tokio::test]
async fn a_deleted_contact_with_the_sent_address_is_restored() {
    let app = TestApp::start().await;
    let key = tenant_with_email_conflict(&app, EmailConflict::Create)
        .await
        .key;
    let third = contact(&app, &key, &json!({"email": "third@example.com"})).await;
    let deleted = json!({
        "email": JOHN, "phone": OTHER_PHONE, "marketingConsent": {"email": false},
    });
    let deleted = contact(&app, &key, &deleted).await;
    app.delete(&deleted).await;
    let jane = jane(&app, &key).await;
    // Its phone belongs to another contact by now, too.
    let taken = json!({"email": "third@example.com", "phone": OTHER_PHONE});
    contact(&app, &key, &taken).await;

    let result = app.upsert(&key, &john()).await.result();

    let conflict = |holder: &Value| phone_conflict(holder)[0].clone();
    let expected = json!({
        "contactId": deleted, "outcome": "restored", "matchedBy": "email",
        "warnings": [conflict(&jane), conflict(&third)],
    });
    assert_eq!(result, expected);
    let row = app.row(&deleted).await;
    assert_eq!(row["phone"], json!(null));
    assert_eq!(row["consent_email"], false, "an opt-out is not forgotten");
}

#[tokio::test]
async fn a_deleted_contact_is_not_restored_by_a_phone_in_use() {
    let app = TestApp::start().await;
    let tenant = phone_only_tenant(&app).await;
    let deleted = contact(&app, &tenant.key, &json!({"phone": PHONE})).await;
    app.delete(&deleted).await;
    let jane = {
        let id = contact(&app, &tenant.key, &json!({"email": JANE})).await;
        let body = json!({"email": JANE, "phone": PHONE});
        app.upsert(&tenant.key, &body).await.result();
        id
    };
    app.change_company(
        tenant.company,
        rubrica::domain::CompanyChange {
            email_conflict: Some(EmailConflict::Create),
            ..Default::default()
        },
    )
    .await;
    let key = app.key(tenant.company, |_| {}).await.key;

    let result = app.upsert(&key, &john()).await.result();

    assert_eq!(result["outcome"], "created");
    assert_eq!(result["warnings"], phone_conflict(&jane));
    assert_ne!(app.row(&deleted).await["deleted_at"], json!(null));
}
