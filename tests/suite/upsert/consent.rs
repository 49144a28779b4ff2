//! Marketing consent, and the evidence of its changes.

use serde_json::{Value, json};

use super::{JANE, JOHN, OTHER_PHONE, PHONE, contact, phone_only_tenant};
use crate::harness::TestApp;

/// Channel, old status, new status, address.
fn facts(event: &Value) -> Value {
    json!([
        event["channel"],
        event["old_status"],
        event["new_status"],
        event["address"]
    ])
}

#[tokio::test]
async fn only_real_changes_are_recorded_and_each_once() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let id = contact(&app, &key, &json!({"email": JANE, "phone": PHONE})).await;
    let mut recorded = 0;

    for (consent, state, events) in [
        (json!({}), [json!(null), json!(null)], json!([])),
        (
            json!({"email": true}),
            [json!(true), json!(null)],
            json!([["email", null, true, JANE]]),
        ),
        (
            json!({"email": true}),
            [json!(true), json!(null)],
            json!([]),
        ),
        (
            json!({"email": null}),
            [json!(true), json!(null)],
            json!([]),
        ),
        (
            json!({"whatsapp": false}),
            [json!(true), json!(false)],
            json!([["whatsapp", null, false, PHONE]]),
        ),
        (
            json!({"email": false, "whatsapp": false}),
            [json!(false), json!(false)],
            json!([["email", true, false, JANE]]),
        ),
        (
            json!({"whatsapp": true, "email": true}),
            [json!(true), json!(true)],
            json!([
                ["email", false, true, JANE],
                ["whatsapp", false, true, PHONE]
            ]),
        ),
    ] {
        let body = json!({"email": JANE, "marketingConsent": consent});
        app.upsert(&key, &body).await.result();

        let row = app.row(&id).await;
        assert_eq!(
            [&row["consent_email"], &row["consent_whatsapp"]],
            state.each_ref(),
            "{body}"
        );
        let all = app.consent_events(&id).await;
        let new: Vec<Value> = all[recorded..].iter().map(facts).collect();
        assert_eq!(json!(new), events, "{body}");
        recorded = all.len();
    }
}

#[tokio::test]
async fn an_event_has_the_company_the_key_the_time_and_the_current_address() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let other_key = app.key(tenant.company, |_| {}).await;
    let both = json!({"email": true, "whatsapp": true});
    let neither = json!({"email": false, "whatsapp": false});

    let body = json!({"email": JANE, "marketingConsent": both});
    let id = contact(&app, &tenant.key, &body).await;
    contact(&app, &tenant.key, &json!({"email": JANE, "phone": PHONE})).await;
    let body = json!({"email": JOHN, "phone": PHONE, "marketingConsent": neither});
    contact(&app, &other_key.key, &body).await;
    let body = json!({"email": JOHN, "phone": OTHER_PHONE, "marketingConsent": both});
    contact(&app, &other_key.key, &body).await;

    let events = app.consent_events(&id).await;
    let recorded: Vec<Value> = events.iter().map(facts).collect();
    let expected = json!([
        ["email", null, true, JANE],
        ["whatsapp", null, true, null],
        ["email", true, false, JOHN],
        ["whatsapp", true, false, PHONE],
        ["email", false, true, JOHN],
        ["whatsapp", false, true, OTHER_PHONE],
    ]);
    assert_eq!(json!(recorded), expected);
    for (event, client) in events.iter().zip(
        std::iter::repeat_n(&tenant.client, 2).chain(std::iter::repeat_n(&other_key.client, 4)),
    ) {
        assert_eq!(event["company_id"], tenant.company.get());
        assert_eq!(event["client_id"], client.as_str());
    }
    assert_eq!(events[5]["occurred_at"], app.row(&id).await["updated_at"]);
}

#[tokio::test]
async fn a_restored_contact_keeps_its_consent_unless_it_is_sent() {
    let app = TestApp::start().await;
    let key = phone_only_tenant(&app).await.key;
    let consent = json!({"email": false, "whatsapp": true});
    let body = json!({"email": JANE, "phone": PHONE, "marketingConsent": consent});
    let id = contact(&app, &key, &body).await;
    app.delete(&id).await;

    contact(&app, &key, &json!({"email": JANE})).await;
    let kept = app.row(&id).await;
    let events_of_restore = app.consent_events(&id).await.len() - 2;
    app.delete(&id).await;
    contact(
        &app,
        &key,
        &json!({"email": JANE, "marketingConsent": {"email": true}}),
    )
    .await;

    assert_eq!(
        [&kept["consent_email"], &kept["consent_whatsapp"]],
        [&json!(false), &json!(true)]
    );
    assert_eq!(events_of_restore, 0);
    let events = app.consent_events(&id).await;
    assert_eq!(events.len(), 3);
    assert_eq!(facts(&events[2]), json!(["email", false, true, JANE]));
}
