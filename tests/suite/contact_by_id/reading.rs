//! Lookups by id, email and phone, and their scopes.

use rubrica::domain::Scope;
use serde_json::json;

use super::new_contact;
use crate::harness::TestApp;

#[tokio::test]
async fn a_contact_looks_the_same_however_it_is_found() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let body = json!({
        "email": "Jane@Example.com", "phone": "+393391234567",
        "customFields": {"plan": {"tier": 1.50}},
        "marketingConsent": {"email": true},
    });
    let id = new_contact(&app, &tenant, &body).await;

    let by_id = app.get_contact(&tenant.key, &id).await;

    assert_eq!(by_id.status, 200, "{}", by_id.text);
    let contact = by_id.json();
    assert_eq!(contact["contactId"], json!(id));
    assert_eq!(contact["email"], "jane@example.com");
    assert_eq!(contact["phone"], "+393391234567");
    assert_eq!(contact["customFields"]["plan"], json!({"tier": 1.50}));
    assert_eq!(
        contact["marketingConsent"],
        json!({"email": true, "whatsapp": null})
    );
    assert!(contact.get("deletedAt").is_none());
    assert!(contact["createdAt"].as_str().unwrap().ends_with('Z'));
    assert!(by_id.header("etag").starts_with('"'));
    for path in [
        "by-email/jane@example.com",
        "by-email/%20JANE%40Example.com",
        "by-phone/+393391234567",
        "by-phone/%2B393391234567",
    ] {
        let found = app.get_contact(&tenant.key, path).await;
        assert_eq!((found.status, &found.text), (200, &by_id.text), "{path}");
    }
}

#[tokio::test]
async fn addresses_with_unusual_characters_are_found_by_their_path() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    for (email, path) in [
        ("jane+news@example.com", "by-email/jane+news@example.com"),
        ("jane+shop@example.com", "by-email/jane%2Bshop@example.com"),
        ("a/b@example.com", "by-email/a%2Fb@example.com"),
        ("c/d@example.com", "by-email/c/d@example.com"),
        ("100%25@example.com", "by-email/100%2525@example.com"),
        (
            "jürgen@bücher.example",
            "by-email/j%C3%BCrgen@b%C3%BCcher.example",
        ),
        ("include@example.inc", "by-email/include@example.inc"),
    ] {
        let id = new_contact(&app, &tenant, &json!({"email": email})).await;

        let found = app.get_contact(&tenant.key, path).await;

        assert_eq!(found.status, 200, "{path}: {}", found.text);
        assert_eq!(found.json()["contactId"], json!(id), "{path}");
    }
}

#[tokio::test]
async fn unknown_deleted_and_foreign_contacts_are_not_found_and_a_bad_path_is_explained() {
    let app = TestApp::start().await;
    let (tenant, stranger) = (app.tenant().await, app.tenant().await);
    let id = new_contact(&app, &tenant, &json!({"email": "jane@example.com"})).await;

    for path in [id.as_str(), "by-email/jane@example.com"] {
        app.get_contact(&stranger.key, path)
            .await
            .error(404, "not_found");
    }
    app.put_contact(&stranger.key, &id, &json!({}))
        .await
        .error(404, "not_found");
    app.delete_contact(&stranger.key, &id)
        .await
        .error(404, "not_found");
    app.get_contact(&tenant.key, "999999")
        .await
        .error(404, "not_found");
    app.get_contact(&tenant.key, "by-phone/+393391234567")
        .await
        .error(404, "not_found");
    // None of these is an id.
    for path in [format!("0{id}"), format!("000{id}")] {
        app.get_contact(&tenant.key, &path)
            .await
            .error(404, "not_found");
        app.put_contact(&tenant.key, &path, &json!({}))
            .await
            .error(404, "not_found");
        app.delete_contact(&tenant.key, &path)
            .await
            .error(404, "not_found");
    }
    for path in [
        "abc",
        "+1",
        "%2B1",
        "1%20",
        "1e3",
        "1.0",
        "%D9%A1",
        "-1",
        "0",
        "99999999999999999999",
        "by-email/jane",
        "by-phone/0039",
    ] {
        app.get_contact(&tenant.key, path)
            .await
            .error(400, "bad_request");
    }
    assert_eq!(app.delete_contact(&tenant.key, &id).await.status, 204);
    app.get_contact(&tenant.key, &id)
        .await
        .error(404, "not_found");
    app.get_contact(&tenant.key, "by-email/jane@example.com")
        .await
        .error(404, "not_found");
    app.delete_contact(&tenant.key, &id)
        .await
        .error(404, "not_found");
}

#[tokio::test]
async fn reading_and_writing_need_their_scopes() {
    let app = TestApp::start().await;
    let reader = app.tenant_with_scopes(&[Scope::ContactsRead]).await;
    let writer = app.key(reader.company, |key| {
        key.scopes = [Scope::ContactsWrite].into_iter().collect();
    });
    let writer = writer.await;
    let id = new_contact(&app, &writer, &json!({"email": "jane@example.com"})).await;

    assert_eq!(app.get_contact(&reader.key, &id).await.status, 200);
    app.put_contact(&reader.key, &id, &json!({}))
        .await
        .error(403, "forbidden");
    app.delete_contact(&reader.key, &id)
        .await
        .error(403, "forbidden");
    app.get_contact(&writer.key, &id)
        .await
        .error(403, "forbidden");
    app.get_contact(&writer.key, "by-email/jane@example.com")
        .await
        .error(403, "forbidden");
    assert_eq!(
        app.put_contact(&writer.key, &id, &json!({})).await.status,
        200
    );
}
