//! Changes by id, and restoration.

use reqwest::Method;
use rubrica::domain::CompanyChange;
use serde_json::json;

use super::new_contact;
use crate::harness::{SendAndRead, TestApp};

#[tokio::test]
async fn a_change_by_id_changes_only_what_is_sent() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let body = json!({
        "email": "jane@example.com", "phone": "+393391234567",
        "customFields": {"a": 1, "b": {"c": 2, "d": 3}}, "marketingConsent": {"email": true},
    });
    let id = new_contact(&app, &tenant, &body).await;

    for method in [Method::PUT, Method::PATCH] {
        let change = json!({"customFields": {"b": {"c": null, "e": method.as_str()}}});
        let request = app.contact(method.clone(), &tenant.key, &id).json(&change);
        let changed = request.answer().await;

        assert_eq!(changed.status, 200, "{}", changed.text);
        let contact = changed.json();
        assert_eq!(contact["email"], "jane@example.com");
        assert_eq!(contact["phone"], "+393391234567");
        assert_eq!(
            contact["customFields"],
            json!({"a": 1, "b": {"d": 3, "e": method.as_str()}})
        );
        assert_eq!(
            contact["marketingConsent"],
            json!({"email": true, "whatsapp": null})
        );
        let read = app.get_contact(&tenant.key, &id).await;
        assert_eq!(
            (read.text.as_str(), read.header("etag")),
            (changed.text.as_str(), changed.header("etag"))
        );
    }
    let unchanged = app
        .put_contact(&tenant.key, &id, &json!({"email": "JANE@example.com"}))
        .await;
    let read = app.get_contact(&tenant.key, &id).await;
    assert_eq!(unchanged.text, read.text, "the same value is no change");
}

#[tokio::test]
async fn identifiers_are_replaced_and_removed_as_long_as_one_remains() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let body = json!({"email": "jane@example.com", "phone": "+393391234567"});
    let id = new_contact(&app, &tenant, &body).await;

    let changed = app
        .put_contact(&tenant.key, &id, &json!({"email": "other@example.com"}))
        .await;
    assert_eq!(changed.json()["email"], "other@example.com");
    let refused = app
        .put_contact(&tenant.key, &id, &json!({"email": null}))
        .await;
    assert_eq!(
        refused.error(422, "validation_error")["details"]["field"],
        "email"
    );

    let change = CompanyChange {
        phone_only_contacts: Some(true),
        ..CompanyChange::default()
    };
    app.change_company(tenant.company, change).await;
    let key = app.key(tenant.company, |_| {}).await.key;
    let cleared = app.put_contact(&key, &id, &json!({"email": null})).await;
    assert_eq!(cleared.json()["email"], json!(null), "{}", cleared.text);
    let refused = app.put_contact(&key, &id, &json!({"phone": null})).await;
    assert_eq!(
        refused.error(422, "validation_error")["details"]["field"],
        "phone"
    );
    let both = json!({"email": "jane@example.com", "phone": null});
    assert_eq!(
        app.put_contact(&key, &id, &both).await.json()["phone"],
        json!(null)
    );
}

#[tokio::test]
async fn an_identifier_of_another_contact_is_refused_by_name_and_nothing_is_written() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let body = json!({"email": "jane@example.com", "phone": "+393391234567"});
    let jane = new_contact(&app, &tenant, &body).await;
    let other = new_contact(&app, &tenant, &json!({"email": "other@example.com"})).await;
    let before = app.get_contact(&tenant.key, &other).await.text;

    for (field, value) in [("email", "jane@example.com"), ("phone", "+393391234567")] {
        let change = json!({field: value, "customFields": {"a": 1}});
        let error = app
            .put_contact(&tenant.key, &other, &change)
            .await
            .error(409, "duplicate_resource");

        let details = json!({"field": field, "contactId": other, "conflictingContactId": jane});
        assert_eq!(error["details"], details);
        assert_eq!(app.get_contact(&tenant.key, &other).await.text, before);
    }
}

#[tokio::test]
async fn a_deleted_contact_is_restored_by_a_change() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let id = new_contact(&app, &tenant, &json!({"email": "jane@example.com"})).await;
    assert_eq!(app.delete_contact(&tenant.key, &id).await.status, 204);

    let restored = app
        .put_contact(&tenant.key, &id, &json!({"customFields": {"a": 1}}))
        .await;

    assert_eq!(restored.status, 200, "{}", restored.text);
    assert_eq!(app.get_contact(&tenant.key, &id).await.text, restored.text);
}

#[tokio::test]
async fn a_deleted_contact_is_not_restored_with_identifiers_of_another() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let body = json!({"email": "jane@example.com", "phone": "+393391234567"});
    let old = new_contact(&app, &tenant, &body).await;
    assert_eq!(app.delete_contact(&tenant.key, &old).await.status, 204);
    let body = json!({"email": "other@example.com", "phone": "+393391234567"});
    let holder = new_contact(&app, &tenant, &body).await;

    let refused = app.put_contact(&tenant.key, &old, &json!({})).await;
    let details = json!({"field": "phone", "contactId": old, "conflictingContactId": holder});
    assert_eq!(refused.error(409, "duplicate_resource")["details"], details);

    let took = app
        .put_contact(&tenant.key, &holder, &json!({"email": "jane@example.com"}))
        .await;
    assert_eq!(
        took.status, 200,
        "a deleted contact blocks nobody: {}",
        took.text
    );
    let refused = app
        .put_contact(&tenant.key, &old, &json!({"phone": null}))
        .await;
    assert_eq!(
        refused.error(409, "duplicate_resource")["details"]["field"],
        "email"
    );

    let change = json!({"phone": null, "email": "jo@example.com"});
    let restored = app.put_contact(&tenant.key, &old, &change).await;
    assert_eq!(
        restored.json()["email"],
        "jo@example.com",
        "{}",
        restored.text
    );
}
