//! `POST /public/v1/contacts`

mod address_change;
mod consent;
mod custom_fields;
mod email_conflict;
mod matching;
mod normalisation;
mod phone_conflict;
mod restore;

use rubrica::domain::{CompanyChange, ConsentOnAddressChange, EmailConflict, PhoneConflict};
use serde_json::{Value, json};

use crate::harness::{Tenant, TestApp};

const JANE: &str = "jane@example.com";
const JOHN: &str = "john@example.com";
const PHONE: &str = "+393391234567";
const OTHER_PHONE: &str = "+393397654321";

/// Upserts, and returns the contact's id.
async fn contact(app: &TestApp, key: &str, body: &Value) -> Value {
    app.upsert(key, body).await.result()["contactId"].clone()
}

/// A company that allows contacts with only a phone.
async fn phone_only_tenant(app: &TestApp) -> Tenant {
    tenant_with(app, |company| company.phone_only_contacts = Some(true)).await
}

/// A company whose upserts skip a phone that belongs to another contact.
async fn skipping_tenant(app: &TestApp) -> Tenant {
    tenant_with(app, |company| {
        company.phone_conflict = Some(PhoneConflict::Skip);
    })
    .await
}

/// A company with this setting for phones of contacts with a different email.
async fn tenant_with_email_conflict(app: &TestApp, choice: EmailConflict) -> Tenant {
    tenant_with(app, |company| company.email_conflict = Some(choice)).await
}

/// A company that resets opt-ins when an address changes.
async fn resetting_tenant(app: &TestApp) -> Tenant {
    tenant_with(app, |company| {
        company.consent_on_address_change = Some(ConsentOnAddressChange::Reset);
        company.phone_only_contacts = Some(true);
    })
    .await
}

/// A company that was changed before the first use of its key, so that no cache has its old settings.
async fn tenant_with(app: &TestApp, change: impl FnOnce(&mut CompanyChange)) -> Tenant {
    let tenant = app.tenant().await;
    let mut company = CompanyChange::default();
    change(&mut company);
    app.change_company(tenant.company, company).await;
    tenant
}

#[tokio::test]
async fn the_response_is_an_array_with_one_object() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let body = json!({"email": JANE, "phone": PHONE});

    let created = app.upsert(&key, &body).await;
    let unchanged = app.upsert(&key, &body).await;
    let updated = app
        .upsert(&key, &json!({"email": JOHN, "phone": PHONE}))
        .await;

    let id = created.result()["contactId"].clone();
    assert!(id.as_str().unwrap().parse::<u64>().is_ok());
    assert_eq!(created.header("content-type"), "application/json");
    for (answer, outcome, matched_by) in [
        (created, "created", "null"),
        (unchanged, "unchanged", r#""email""#),
        (
            updated,
            "updated",
            r#""phone","warnings":[{"code":"email_replaced","field":"email","previousEmail":"jane@example.com"}]"#,
        ),
    ] {
        let text =
            format!(r#"[{{"contactId":{id},"outcome":"{outcome}","matchedBy":{matched_by}}}]"#);
        assert_eq!((answer.status, answer.text), (200, text));
    }
}

#[tokio::test]
async fn stored_values_are_not_written_again() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let whole = json!({
        "email": JANE, "phone": PHONE,
        "customFields": {"plan": {"tier": 1}, "tags": ["a", null]},
        "marketingConsent": {"email": true, "whatsapp": false},
    });
    contact(&app, &key, &whole).await;
    let before = app.contents().await;

    for body in [
        &whole,
        &json!({"email": " JANE@example.com"}),
        &json!({"email": JANE, "phone": null, "customFields": null, "marketingConsent": null}),
        &json!({"email": JANE, "customFields": {}, "marketingConsent": {}}),
        &json!({"email": JANE, "customFields": {"plan": {"tier": 1.0}, "absent": null}}),
        &json!({"email": JANE, "customFields": {"plan": {"absent": null}}}),
        &json!({"email": JANE, "marketingConsent": {"email": true, "whatsapp": null}}),
    ] {
        let result = app.upsert(&key, body).await.result();

        assert_eq!(result["outcome"], "unchanged", "{body}");
        assert_eq!(app.contents().await, before, "{body}");
    }
}

#[tokio::test]
async fn a_change_of_any_field_is_an_update_with_a_new_updated_at() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let id = contact(&app, &key, &json!({"email": JANE})).await;
    let mut last = app.row(&id).await["updated_at"].clone();

    for body in [
        json!({"email": JANE, "phone": PHONE}),
        json!({"email": JOHN, "phone": PHONE}),
        json!({"email": JOHN, "customFields": {"plan": "pro"}}),
        json!({"email": JOHN, "marketingConsent": {"email": false}}),
    ] {
        let result = app.upsert(&key, &body).await.result();

        assert_eq!(result["outcome"], "updated", "{body}");
        assert_eq!(result["contactId"], id, "{body}");
        let row = app.row(&id).await;
        assert!(row["updated_at"].as_str() > last.as_str(), "{body}");
        assert!(row["updated_at"].as_str() > row["created_at"].as_str());
        last = row["updated_at"].clone();
    }
}
