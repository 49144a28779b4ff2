//! One contact: read by id, e-mail address and phone, changed, deleted, restored; its consent
//! history.

use futures_util::future::join_all;
use reqwest::Method;
use rubrica::domain::Scope;
use rubrica::store::CompanyChange;
use serde_json::{Value, json};

use crate::harness::{SendAndRead, Tenant, TestApp};

async fn new_contact(app: &TestApp, tenant: &Tenant, body: &Value) -> String {
    let result = app.upsert(&tenant.key, body).await.result();
    assert_eq!(result["outcome"], "created");
    result["contactId"].as_str().expect("an id").to_owned()
}

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
async fn what_is_absent_deleted_or_anothers_is_not_found_and_a_bad_path_says_so() {
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
    for path in [
        "abc",
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
async fn a_change_by_id_touches_only_what_is_sent() {
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
async fn a_deleted_contact_is_not_restored_with_identifiers_that_passed_to_others() {
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

#[tokio::test]
async fn a_change_or_deletion_of_an_unexpected_version_is_refused() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let id = new_contact(&app, &tenant, &json!({"email": "jane@example.com"})).await;
    let stale = app
        .get_contact(&tenant.key, &id)
        .await
        .header("etag")
        .to_owned();
    let change = |tag: &str, n: u32| {
        let request = app
            .contact(Method::PUT, &tenant.key, &id)
            .header("if-match", tag);
        request.json(&json!({"customFields": {"n": n}})).answer()
    };

    let current = change(&stale, 1).await.header("etag").to_owned();

    change(&stale, 2).await.error(412, "precondition_failed");
    change("\"elsewhere\"", 2)
        .await
        .error(412, "precondition_failed");
    change(&format!("W/{current}"), 2)
        .await
        .error(412, "precondition_failed");
    let delete = |tag: &str| {
        app.contact(Method::DELETE, &tenant.key, &id)
            .header("if-match", tag)
            .answer()
    };
    delete(&stale).await.error(412, "precondition_failed");
    assert_eq!(
        app.get_contact(&tenant.key, &id).await.json()["customFields"],
        json!({"n": 1})
    );
    assert_eq!(change("*", 3).await.status, 200);
    let listed = format!(
        "\"other\", {}",
        app.get_contact(&tenant.key, &id).await.header("etag")
    );
    assert_eq!(change(&listed, 4).await.status, 200);
}

#[tokio::test]
async fn of_many_changes_that_expect_one_version_one_is_made() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let id = new_contact(&app, &tenant, &json!({"email": "jane@example.com"})).await;
    let tag = app
        .get_contact(&tenant.key, &id)
        .await
        .header("etag")
        .to_owned();

    let answers = join_all((0..16).map(|n| {
        let request = app
            .contact(Method::PUT, &tenant.key, &id)
            .header("if-match", &tag);
        request.json(&json!({"customFields": {"n": n}})).answer()
    }))
    .await;

    let made = answers.iter().filter(|answer| answer.status == 200).count();
    let refused = answers.iter().filter(|answer| answer.status == 412).count();
    assert_eq!((made, refused), (1, 15));
}

#[tokio::test]
async fn the_consent_history_is_told_newest_first_in_pages() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let consent =
        |email: bool| json!({"email": "jane@example.com", "marketingConsent": {"email": email}});
    let id = new_contact(&app, &tenant, &consent(true)).await;
    app.upsert(&tenant.key, &consent(true)).await.result();
    app.upsert(&tenant.key, &consent(false)).await.result();
    let change = json!({"phone": "+393391234567", "marketingConsent": {"whatsapp": true}});
    assert_eq!(app.put_contact(&tenant.key, &id, &change).await.status, 200);
    let path = format!("{id}/consent-events");

    let all = app.get_contact(&tenant.key, &path).await.json();

    let events: Vec<_> = all["data"].as_array().unwrap().iter().collect();
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            (
                &event["channel"],
                &event["oldStatus"],
                &event["newStatus"],
                &event["address"],
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                &json!("whatsapp"),
                &json!(null),
                &json!(true),
                &json!("+393391234567")
            ),
            (
                &json!("email"),
                &json!(true),
                &json!(false),
                &json!("jane@example.com")
            ),
            (
                &json!("email"),
                &json!(null),
                &json!(true),
                &json!("jane@example.com")
            ),
        ]
    );
    assert_eq!(events[0]["clientId"], json!(tenant.client));
    assert_eq!(all["nextCursor"], json!(null));
    let first = app
        .get_contact(&tenant.key, &format!("{path}?limit=2"))
        .await
        .json();
    let cursor = first["nextCursor"].as_str().unwrap();
    let rest = app
        .get_contact(&tenant.key, &format!("{path}?limit=2&cursor={cursor}"))
        .await
        .json();
    assert_eq!(rest["data"], json!([events[2]]));
    for query in ["limit=0", "limit=201", "limit=x", "cursor=x", "page=2"] {
        app.get_contact(&tenant.key, &format!("{path}?{query}"))
            .await
            .error(400, "bad_request");
    }
}

#[tokio::test]
async fn reading_and_writing_take_their_scopes() {
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
