//! A contact may be sent back as it was read: read-only members are ignored if they equal the stored ones.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::new_contact;
use crate::harness::{SendAndRead, TestApp};

#[tokio::test]
async fn a_contact_sent_back_as_read_is_unchanged() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    for whole in [
        json!({"email": "jane@example.com"}),
        json!({
            "email": "joe@example.com",
            "phone": "+393391234567",
            "customFields": {"plan": "pro", "list": [1, {"a": null}]},
            "marketingConsent": {"email": true, "whatsapp": false},
        }),
    ] {
        let id = new_contact(&app, &tenant, &whole).await;
        let read = app.get_contact(&tenant.key, &id).await;
        for method in [reqwest::Method::PUT, reqwest::Method::PATCH] {
            let request = app.contact(method, &tenant.key, &id).json(&read.json());

            let answer = request.answer().await;

            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(answer.text, read.text);
            assert_eq!(answer.header("etag"), read.header("etag"));
        }
    }
}

#[tokio::test]
async fn a_changed_read_only_member_is_named_and_nothing_is_changed() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let id = new_contact(&app, &tenant, &json!({"email": "jane@example.com"})).await;
    let read = app.get_contact(&tenant.key, &id).await;
    let number: i64 = id.parse().unwrap();

    for (name, value) in [
        ("contactId", json!("999999")),
        ("contactId", json!(number)),
        ("contactId", json!(format!("0{id}"))),
        ("contactId", Value::Null),
        ("createdAt", json!("2020-01-31T09:30:00.000000Z")),
        ("createdAt", json!("yesterday")),
        ("createdAt", json!(1)),
        ("updatedAt", json!("2020-01-31T09:30:00.000000Z")),
        ("updatedAt", json!(["x"])),
        ("deletedAt", json!("2020-01-31T09:30:00.000000Z")),
    ] {
        let body = json!({name: value, "customFields": {"n": 1}});
        let error = app.put_contact(&tenant.key, &id, &body).await;

        let error = error.error(422, "validation_error");
        assert_eq!(error["details"]["field"], name);
    }
    let error = app
        .put_contact(&tenant.key, &id, &json!({"contactId": "0", "updatedAt": 3}))
        .await
        .error(422, "validation_error");
    assert_eq!(error["details"]["errors"].as_array().unwrap().len(), 2);
    assert_eq!(app.get_contact(&tenant.key, &id).await.text, read.text);
    // An upsert has none of these fields.
    let upsert = json!({"email": "jane@example.com", "contactId": id});
    let error = app.upsert(&tenant.key, &upsert).await;
    let error = error.error(422, "validation_error");
    assert_eq!(error["details"]["field"], "contactId");
}

#[tokio::test]
async fn timestamps_may_be_spelled_differently_and_a_deleted_contact_may_be_sent_back() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let id = new_contact(&app, &tenant, &json!({"email": "jane@example.com"})).await;
    let read = app.get_contact(&tenant.key, &id).await.json();
    let created = read["createdAt"].as_str().unwrap();
    let elsewhere = created.replace('Z', "000+00:00");

    let body = json!({"createdAt": elsewhere, "deletedAt": null, "customFields": {"n": 1}});
    let changed = app.put_contact(&tenant.key, &id, &body).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.json()["customFields"], json!({"n": 1}));

    app.delete_contact(&tenant.key, &id).await;
    let deleted = app.list_contacts(&tenant.key, "deleted=only").await.json()["data"][0].clone();
    assert!(deleted["deletedAt"].is_string());
    let restored = app.put_contact(&tenant.key, &id, &deleted).await;
    assert_eq!(restored.status, 200, "{}", restored.text);
    assert_eq!(restored.json().get("deletedAt"), None);
}

#[tokio::test]
async fn one_of_many_callers_who_send_one_version_back_changes_it() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let id = new_contact(&app, &tenant, &json!({"email": "jane@example.com"})).await;
    let read = app.get_contact(&tenant.key, &id).await.json();

    let answers = join_all((0..16).map(async |n| {
        let mut body = read.clone();
        body["customFields"] = json!({"n": n});
        app.put_contact(&tenant.key, &id, &body).await
    }))
    .await;

    let made = answers.iter().filter(|answer| answer.status == 200).count();
    let refused = answers.iter().filter(|answer| answer.status == 422).count();
    assert_eq!((made, refused), (1, 15));
}
