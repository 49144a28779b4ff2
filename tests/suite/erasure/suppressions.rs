//! An erased opt-out prevents later opt-ins by an import until the suppression is lifted.

use reqwest::Method;
use serde_json::{Value, json};

use super::{erase, erasing_tenant, upserted};
use crate::harness::{Options, SendAndRead, Tenant, TestApp};

const PHONE: &str = "+393391234567";

pub(super) fn warning(channel: &str) -> Value {
    json!({"code": "consent_suppressed", "field": format!("marketingConsent.{channel}")})
}

/// A contact that opted out of e-mail, erased.
async fn opt_out_and_erase(app: &TestApp, tenant: &Tenant) {
    let body = json!({
        "email": "jane@example.com", "phone": PHONE, "marketingConsent": {"email": false},
    });
    let id = upserted(app, tenant, &body).await;
    erase(app, tenant, &id).await;
}

async fn consent_of(app: &TestApp, tenant: &Tenant, id: &Value) -> Value {
    let contact = app.get_contact(&tenant.key, id.as_str().unwrap()).await;
    contact.json()["marketingConsent"].clone()
}

#[tokio::test]
async fn an_import_of_the_same_address_does_not_opt_in_and_warns() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    opt_out_and_erase(&app, &tenant).await;
    let import = json!({
        "email": "Jane@Example.com", "customFields": {"plan": "free"},
        "marketingConsent": {"email": true, "whatsapp": true},
    });

    let first = app.upsert(&tenant.key, &import).await.result();
    let second = app.upsert(&tenant.key, &import).await.result();

    assert_eq!(first["outcome"], "created");
    assert_eq!(first["warnings"], json!([warning("email")]));
    assert_eq!(second["outcome"], "unchanged");
    assert_eq!(second["warnings"], json!([warning("email")]));
    assert_eq!(
        consent_of(&app, &tenant, &first["contactId"]).await,
        json!({"email": null, "whatsapp": true})
    );
    assert_eq!(app.consent_events(&first["contactId"]).await.len(), 1);
}

#[tokio::test]
async fn each_identifier_of_the_erased_contact_is_suppressed_and_no_other() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let stranger = app.tenant().await;
    opt_out_and_erase(&app, &tenant).await;
    let consent = json!({"email": true});

    let by_phone = json!({"email": "new@example.com", "phone": PHONE, "marketingConsent": consent});
    let other = json!({"email": "bob@example.com", "marketingConsent": consent});
    let same = json!({"email": "jane@example.com", "marketingConsent": consent});

    let by_phone = app.upsert(&tenant.key, &by_phone).await.result();
    assert_eq!(by_phone["warnings"], json!([warning("email")]));
    assert!(
        app.upsert(&tenant.key, &other)
            .await
            .result()
            .get("warnings")
            .is_none()
    );
    let elsewhere = app.upsert(&stranger.key, &same).await.result();
    assert!(
        elsewhere.get("warnings").is_none(),
        "an opt-out was given to one company"
    );
}

#[tokio::test]
async fn a_contact_that_took_the_identifier_earlier_is_suppressed_when_a_later_call_omits_it() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    opt_out_and_erase(&app, &tenant).await;
    let taken = json!({"email": "new@example.com", "phone": PHONE});
    let id = upserted(&app, &tenant, &taken).await;

    let import = json!({"email": "new@example.com", "marketingConsent": {"email": true}});
    let result = app.upsert(&tenant.key, &import).await.result();
    let change = json!({"marketingConsent": {"email": true}});
    let changed = app.put_contact(&tenant.key, &id, &change).await;

    assert_eq!(result["outcome"], "unchanged");
    assert_eq!(result["warnings"], json!([warning("email")]));
    assert_eq!(changed.status, 200);
    assert_eq!(changed.json()["warnings"], json!([warning("email")]));
    assert_eq!(changed.json()["marketingConsent"]["email"], Value::Null);
    assert!(
        app.get_contact(&tenant.key, &id)
            .await
            .json()
            .get("warnings")
            .is_none(),
        "a warning is of the call, not of the contact"
    );
}

#[tokio::test]
async fn a_contact_with_the_identifier_during_the_erasure_is_suppressed() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let former = json!({
        "email": "jane@example.com", "phone": PHONE, "marketingConsent": {"whatsapp": false},
    });
    let former = upserted(&app, &tenant, &former).await;
    app.delete_contact(&tenant.key, &former).await;
    upserted(
        &app,
        &tenant,
        &json!({"email": "new@example.com", "phone": PHONE}),
    )
    .await;

    erase(&app, &tenant, &former).await;

    let import = json!({"email": "new@example.com", "marketingConsent": {"whatsapp": true}});
    let result = app.upsert(&tenant.key, &import).await.result();
    assert_eq!(result["warnings"], json!([warning("whatsapp")]));
}

#[tokio::test]
async fn suppressions_apply_to_each_item_of_a_batch() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    opt_out_and_erase(&app, &tenant).await;
    let consent = json!({"email": true});
    let body = json!({"contacts": [
        {"email": "bob@example.com", "marketingConsent": consent},
        {"email": "jane@example.com", "marketingConsent": consent},
    ]});

    let request = app.contact(Method::POST, &tenant.key, "batch").json(&body);
    let items = request.answer().await.json();

    assert!(items[0].get("warnings").is_none());
    assert_eq!(items[1]["warnings"], json!([warning("email")]));
}

#[tokio::test]
async fn an_erased_contact_without_an_opt_out_leaves_no_suppression() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let body = json!({"email": "jane@example.com", "marketingConsent": {"email": true}});
    let id = upserted(&app, &tenant, &body).await;

    erase(&app, &tenant, &id).await;

    assert_eq!(app.count("select count(*) from suppressions").await, 0);
    let again = app.upsert(&tenant.key, &body).await.result();
    assert!(again.get("warnings").is_none());
    assert_eq!(
        consent_of(&app, &tenant, &again["contactId"]).await["email"],
        true
    );
}

#[tokio::test]
async fn the_opt_out_of_a_duplicate_counts_where_the_contact_has_no_consent() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let duplicate = json!({
        "email": "duplicate@example.com", "phone": PHONE,
        "marketingConsent": {"email": false, "whatsapp": false},
    });
    let duplicate = upserted(&app, &tenant, &duplicate).await;
    app.delete_contact(&tenant.key, &duplicate).await;
    let contact = json!({
        "email": "jane@example.com", "phone": PHONE, "marketingConsent": {"email": true},
    });
    let id = upserted(&app, &tenant, &contact).await;

    erase(&app, &tenant, &id).await;

    let both = json!({"email": true, "whatsapp": true});
    let import = json!({"email": "duplicate@example.com", "marketingConsent": both});
    let result = app.upsert(&tenant.key, &import).await.result();
    assert_eq!(result["warnings"], json!([warning("whatsapp")]));
}

#[tokio::test]
async fn a_suppression_outlives_a_second_erasure() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    opt_out_and_erase(&app, &tenant).await;
    let again = json!({"email": "jane@example.com", "phone": "+4915112345678"});
    let id = upserted(&app, &tenant, &again).await;

    erase(&app, &tenant, &id).await;

    let import = json!({
        "email": "new@example.com", "phone": "+4915112345678", "marketingConsent": {"email": true},
    });
    let result = app.upsert(&tenant.key, &import).await.result();
    assert_eq!(result["warnings"], json!([warning("email")]));
}

#[tokio::test]
async fn lifting_by_one_identifier_lifts_all_of_that_person() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    opt_out_and_erase(&app, &tenant).await;
    let import = json!({
        "email": "jane@example.com", "phone": PHONE, "marketingConsent": {"email": true},
    });
    app.upsert(&tenant.key, &import).await.result();
    let identifier = json!({"email": " JANE@example.com "});

    let lifted = app.lift_suppressions(&tenant.key, &identifier).await;

    assert_eq!((lifted.status, lifted.text.as_str()), (204, ""));
    let result = app.upsert(&tenant.key, &import).await.result();
    assert!(result.get("warnings").is_none());
    assert_eq!(
        consent_of(&app, &tenant, &result["contactId"]).await["email"],
        true
    );
    app.lift_suppressions(&tenant.key, &identifier)
        .await
        .error(404, "not_found");
}

#[tokio::test]
async fn the_identifier_to_lift_may_be_in_the_query() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    opt_out_and_erase(&app, &tenant).await;
    let lift = |query: &str| {
        let path = format!("/public/v1/suppressions?{query}");
        let request = app.request(Method::DELETE, &path);
        request.bearer_auth(&tenant.key).answer()
    };

    lift("email=nobody").await.error(400, "bad_request");
    lift("mail=jane@example.com")
        .await
        .error(400, "bad_request");
    lift("phone=%2B4915112345678").await.error(404, "not_found");
    assert_eq!(lift("phone=%2B393391234567").await.status, 204);
}

#[tokio::test]
async fn an_invalid_identifier_is_refused_by_name() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;

    for (body, field) in [
        (json!({}), "email"),
        (json!({"email": null}), "email"),
        (json!({"email": "x@"}), "email"),
        (json!({"email": "jane@example.com", "name": "Jane"}), "name"),
        (json!([]), "body"),
    ] {
        let answer = app.lift_suppressions(&tenant.key, &body).await;

        let error = answer.error(422, "validation_error");
        assert_eq!(error["details"]["field"], field);
    }
    app.lift_suppressions(&tenant.key, &json!({"phone": "0339"}))
        .await
        .error(422, "invalid_phone_number");
}

#[tokio::test]
async fn a_retired_suppression_key_still_finds_what_was_hashed_with_it() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    opt_out_and_erase(&app, &tenant).await;
    let old = app.variables["RUBRICA__PRIVACY__SUPPRESSION_KEY"].clone();
    let new = "another secret of the tests that is long enough";
    let import = json!({"email": "jane@example.com", "marketingConsent": {"email": true}});

    let rotated = app
        .replica(&[("privacy.suppression_key", &format!("{new},{old}"))])
        .await;
    let known = rotated.upsert(&tenant.key, &import).await.result();
    drop(rotated);
    let forgetful = TestApp::with(Options {
        database: Some(app.database().to_owned()),
        settings: vec![("privacy.suppression_key", new.to_owned())],
        ..Options::default()
    })
    .await;
    let other =
        json!({"email": "x@example.com", "phone": PHONE, "marketingConsent": {"email": true}});
    let unknown = forgetful.upsert(&tenant.key, &other).await.result();

    assert_eq!(known["warnings"], json!([warning("email")]));
    assert!(unknown.get("warnings").is_none());
}
