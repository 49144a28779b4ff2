//! API keys, over the admin API.

use serde_json::{Value, json};

use super::{data, each, text};
use crate::harness::{Session, TestApp, assert_snapshot, eventually};

/// A service, an operator, and the path of a company's keys.
async fn setting() -> (TestApp, Session, String) {
    let app = TestApp::with_settings(&[("usage.flush_interval", "100ms")]).await;
    let operator = app.operator().await;
    let company = app.tenant().await.company;
    (app, operator, format!("companies/{company}/keys"))
}

async fn create(app: &TestApp, operator: &Session, keys: &str, body: &Value) -> Value {
    let created = app.admin_post(operator, keys, body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    created.json()
}

async fn status(app: &TestApp, key: &Value) -> u16 {
    let jane = json!({"email": "jane@example.com"});
    app.upsert(text(key), &jane).await.status
}

async fn until_status(app: &TestApp, key: &Value, wanted: u16) {
    let status = async || status(app, key).await;
    eventually("the status", status, |status| *status == wanted).await;
}

#[tokio::test]
async fn a_created_key_works_and_is_returned_only_once() {
    let (app, operator, keys) = setting().await;

    let body = json!({"name": "shop", "scopes": ["contacts:write"], "rateLimit": "5/1s",
        "expiresAt": "2126-01-31T09:30:00Z"});
    let answer = app.admin_post(&operator, &keys, &body).await;

    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    let mut created = answer.json();
    let key = created["key"].clone();
    assert_eq!(status(&app, &key).await, 200);
    assert_snapshot("admin.key_created", &created);
    let location = answer.header("location").to_owned();
    let path = location.strip_prefix("/admin/v1/").unwrap();
    let mut read = app.admin_get(&operator, path).await;
    assert!(!read.text.contains(text(&key)));
    created.as_object_mut().unwrap().remove("key");
    // The last use may have been flushed meanwhile.
    created["lastUsedAt"] = read.json()["lastUsedAt"].clone();
    assert_eq!(read.json(), created);
    read = app.admin_get(&operator, &keys).await;
    assert!(!read.text.contains(text(&key)));
    assert_eq!(data(&read.json()).len(), 2);
}

#[tokio::test]
async fn a_key_without_named_scopes_gets_the_default_scopes() {
    let (app, operator, keys) = setting().await;

    let created = create(&app, &operator, &keys, &json!({"name": "shop"})).await;

    let usual = json!([
        "contacts:read",
        "contacts:write",
        "custom_fields:read",
        "custom_fields:write"
    ]);
    assert_eq!(created["scopes"], usual);
    for member in [
        "rateLimit",
        "expiresAt",
        "revokedAt",
        "lastUsedAt",
        "replacedBy",
    ] {
        assert_eq!(created[member], json!(null), "{member}");
    }
}

#[tokio::test]
async fn a_change_of_name_scopes_and_limit_takes_effect() {
    let (app, operator, keys) = setting().await;
    let created = create(&app, &operator, &keys, &json!({"name": "shop"})).await;
    let path = format!("keys/{}", text(&created["clientId"]));
    assert_eq!(status(&app, &created["key"]).await, 200);

    let body = json!({"name": "mobile", "scopes": ["contacts:read"], "rateLimit": "9/1s"});
    let changed = app.admin_patch(&operator, &path, &body).await.json();

    assert_eq!(changed["name"], "mobile");
    assert_eq!(changed["scopes"], json!(["contacts:read"]));
    assert_eq!(changed["rateLimit"], "9/1s");
    until_status(&app, &created["key"], 403).await;
    let body = json!({"rateLimit": null});
    let changed = app.admin_patch(&operator, &path, &body).await.json();
    assert_eq!(
        (&changed["rateLimit"], &changed["name"]),
        (&json!(null), &json!("mobile"))
    );
}

#[tokio::test]
async fn a_revoked_key_stops_working_and_stays_revoked() {
    let (app, operator, keys) = setting().await;
    let created = create(&app, &operator, &keys, &json!({"name": "shop"})).await;
    let path = format!("keys/{}/revoke", text(&created["clientId"]));
    assert_eq!(status(&app, &created["key"]).await, 200);

    let first = app.admin_post(&operator, &path, &json!({})).await.json();
    until_status(&app, &created["key"], 401).await;
    let second = app.admin_post(&operator, &path, &json!({})).await.json();

    assert_eq!(first["state"], "revoked");
    assert_eq!(second["revokedAt"], first["revokedAt"]);
    assert_eq!(app.audit_events("key.revoke").await.len(), 1);
}

#[tokio::test]
async fn a_rotated_key_and_its_successor_both_work_during_the_grace_period() {
    let (app, operator, keys) = setting().await;
    let body = json!({"name": "shop", "rateLimit": "50/1s"});
    let old = create(&app, &operator, &keys, &body).await;
    let path = format!("keys/{}/rotate", text(&old["clientId"]));

    let new = create(&app, &operator, &path, &json!({"graceDays": 7})).await;

    let replaced = &new["replaces"];
    assert_eq!(replaced["clientId"], old["clientId"]);
    assert_eq!(replaced["replacedBy"], new["clientId"]);
    assert_eq!(replaced["state"], "active");
    assert!(replaced["expiresAt"].is_string());
    for member in ["name", "scopes", "rateLimit", "expiresAt", "companyId"] {
        assert_eq!(new[member], old[member], "{member}");
    }
    assert_eq!(status(&app, &old["key"]).await, 200);
    assert_eq!(status(&app, &new["key"]).await, 200);

    let again = app.admin_post(&operator, &path, &json!({})).await;
    let error = again.error(409, "conflict");
    assert!(
        text(&error["message"]).contains(text(&new["clientId"])),
        "{error}"
    );
    let path = format!("keys/{}/rotate", text(&new["clientId"]));
    let last = create(&app, &operator, &path, &json!({"graceDays": 0})).await;
    assert_eq!(last["replaces"]["state"], "revoked");
    until_status(&app, &new["key"], 401).await;
    assert_eq!(status(&app, &last["key"]).await, 200);
}

#[tokio::test]
async fn the_usage_of_a_key_is_listed_by_hour_with_its_last_use() {
    let (app, operator, keys) = setting().await;
    let created = create(&app, &operator, &keys, &json!({"name": "shop"})).await;
    let path = format!("keys/{}", text(&created["clientId"]));
    let usage = format!("{path}/usage");
    assert_eq!(
        app.admin_get(&operator, &usage).await.json(),
        json!({"data": []})
    );

    for _ in 0..3 {
        assert_eq!(status(&app, &created["key"]).await, 200);
    }
    app.upsert(text(&created["key"]), &json!({})).await;

    let sum = |list: &Value, name: &str| -> i64 {
        let hours = data(list).iter();
        hours
            .map(|hour| hour[name].as_i64().expect("a count"))
            .sum()
    };
    let list = async || app.admin_get(&operator, &usage).await.json();
    let list = eventually("four requests", list, |list| sum(list, "requests") == 4).await;
    assert_eq!(sum(&list, "clientErrors"), 1);
    let key = app.admin_get(&operator, &path).await.json();
    assert!(key["lastUsedAt"].is_string(), "{key}");
    let past = "from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z";
    let none = app.admin_get(&operator, &format!("{usage}?{past}")).await;
    assert_eq!(none.json(), json!({"data": []}));
    for query in [
        "from=yesterday",
        "to=2020-01-01",
        "from=2030-01-01T00:00:00Z&to=2029-01-01T00:00:00Z",
        "from=2020-01-01T00:00:00Z&to=2029-01-01T00:00:00Z",
        "to=9999-12-31T23:59:59-23:00",
        "hours=2",
    ] {
        let answer = app.admin_get(&operator, &format!("{usage}?{query}")).await;
        answer.error(400, "bad_request");
    }
    // The earliest years that a timestamp can have.
    let first = app
        .admin_get(&operator, &format!("{usage}?to=0000-01-01T00:00:00Z"))
        .await;
    assert_eq!(first.status, 200, "{}", first.text);
}

#[tokio::test]
async fn bad_values_are_reported_by_field_and_create_no_key() {
    let (app, operator, keys) = setting().await;
    let key = create(&app, &operator, &keys, &json!({"name": "shop"})).await;
    let rotate = format!("keys/{}/rotate", text(&key["clientId"]));

    for (path, body, fields) in [
        (&keys, json!({}), &["name"][..]),
        (
            &keys,
            json!({"name": "", "scopes": [], "rateLimit": "1", "expiresAt": "soon"}),
            &["name", "scopes", "rateLimit", "expiresAt"],
        ),
        (
            &keys,
            json!({"name": "shop", "scopes": ["contacts:sell"]}),
            &["scopes"],
        ),
        (
            &keys,
            json!({"name": "shop", "scopes": "contacts:read"}),
            &["scopes"],
        ),
        (
            &keys,
            json!({"name": "shop", "expiresAt": "2020-01-31T09:30:00Z"}),
            &["expiresAt"],
        ),
        (
            &keys,
            json!({"name": "shop", "clientId": "abcdefghij27"}),
            &["clientId"],
        ),
        (&rotate, json!({"graceDays": 8}), &["graceDays"]),
        (&rotate, json!({"graceDays": -1}), &["graceDays"]),
        (&rotate, json!({"graceDays": 1.5}), &["graceDays"]),
        (&rotate, json!({"graceDays": "1"}), &["graceDays"]),
        (&rotate, json!({"graceDays": true}), &["graceDays"]),
        (&rotate, json!({"days": 1}), &["days"]),
    ] {
        let answer = app.admin_post(&operator, path, &body).await;

        let error = answer.error(422, "validation_error");
        let errors = error["details"]["errors"].as_array().expect("errors");
        assert_eq!(each(errors, "field"), fields, "{body}");
    }
    assert_eq!(app.count("select count(*) from api_keys").await, 2);
    for path in ["keys/x", "keys/ABCDEFGHIJ27", "keys/x/usage"] {
        let answer = app.admin_get(&operator, path).await;
        answer.error(400, "bad_request");
    }
    let unknown = app.admin_get(&operator, "keys/aaaaaaaaaaaa").await;
    unknown.error(404, "not_found");
}

#[tokio::test]
async fn a_created_key_is_returned_even_if_a_later_query_fails() {
    let (app, operator, keys) = setting().await;
    // Without it no key can be read.
    let revoke = "revoke select on api_key_last_used from rubrica_service";
    app.sql().await.batch_execute(revoke).await.unwrap();
    let unreadable = app.admin_get(&operator, &keys).await;
    assert_eq!(unreadable.status, 500, "{}", unreadable.text);

    let created = create(&app, &operator, &keys, &json!({"name": "shop"})).await;

    assert_eq!(status(&app, &created["key"]).await, 200);
    let grant = "grant select on api_key_last_used to rubrica_service";
    app.sql().await.batch_execute(grant).await.unwrap();
    let client = text(&created["clientId"]);
    let read = app.admin_get(&operator, &format!("keys/{client}")).await;
    let mut shown = created.clone();
    shown.as_object_mut().unwrap().remove("key");
    let mut read = read.json();
    // It was used above.
    read["lastUsedAt"] = Value::Null;
    assert_eq!(read, shown);
}

#[tokio::test]
async fn the_number_of_usable_keys_is_limited_but_rotation_is_always_possible() {
    let app = TestApp::with_settings(&[("auth.keys_per_company", "3")]).await;
    let operator = app.operator().await;
    let company = app.tenant().await.company;
    let keys = format!("companies/{company}/keys");
    let body = json!({"name": "shop"});
    let second = create(&app, &operator, &keys, &body).await;
    let expiring = json!({"name": "old", "expiresAt": "2126-01-31T09:30:00Z"});
    let third = create(&app, &operator, &keys, &expiring).await;

    let refused = app.admin_post(&operator, &keys, &body).await;
    refused.error(409, "limit_reached");
    assert_snapshot("error.limit_reached", &refused.json());
    // The limit of another company is separate.
    let other = format!("companies/{}/keys", app.tenant().await.company);
    create(&app, &operator, &other, &body).await;

    // Both keys work during the grace period.
    let rotate = format!("keys/{}/rotate", text(&second["clientId"]));
    let rotated = app
        .admin_post(&operator, &rotate, &json!({"graceDays": 7}))
        .await;
    assert_eq!(rotated.status, 201, "{}", rotated.text);
    app.admin_post(&operator, &keys, &body)
        .await
        .error(409, "limit_reached");

    let revoke = format!("keys/{}/revoke", text(&third["clientId"]));
    app.admin_post(&operator, &revoke, &json!({})).await;
    create(&app, &operator, &keys, &body).await;
}

#[tokio::test]
async fn keys_created_concurrently_do_not_exceed_the_limit() {
    let app = TestApp::with_settings(&[("auth.keys_per_company", "5")]).await;
    let operator = app.operator().await;
    let company = app.tenant().await.company;
    let keys = format!("companies/{company}/keys");
    let body = json!({"name": "shop"});

    let made = (0..12).map(|_| app.admin_post(&operator, &keys, &body));
    let statuses: Vec<u16> = futures_util::future::join_all(made)
        .await
        .iter()
        .map(|answer| answer.status)
        .collect();

    let created = statuses.iter().filter(|status| **status == 201).count();
    assert_eq!(created, 4, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409].contains(status)));
}
