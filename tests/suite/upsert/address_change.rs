//! Consents when their address changes, and what is recorded.

use serde_json::{Value, json};

use super::{JANE, JOHN, OTHER_PHONE, PHONE, contact, phone_only_tenant, resetting_tenant};
use crate::harness::TestApp;

/// The same status for both channels.
fn both(status: bool) -> Value {
    json!({"email": status, "whatsapp": status})
}

/// The key of a new company, which resets opt-ins or keeps them.
async fn key_of_company(app: &TestApp, resets: bool) -> String {
    if resets {
        resetting_tenant(app).await.key
    } else {
        phone_only_tenant(app).await.key
    }
}

/// Channel, old status, new status and address of each event from the one with this number on.
async fn events_after(app: &TestApp, id: &Value, known: usize) -> Value {
    let events = app.consent_events(id).await;
    let facts = events[known..].iter().map(|event| {
        json!([
            event["channel"],
            event["old_status"],
            event["new_status"],
            event["address"]
        ])
    });
    facts.collect()
}

/// Whether the consents of a contact are these.
async fn consents(app: &TestApp, id: &Value) -> [Value; 2] {
    let row = app.row(id).await;
    [
        row["consent_email"].clone(),
        row["consent_whatsapp"].clone(),
    ]
}

/// The ways to change both addresses of a contact: upserts, and one change by id.
async fn change_both(app: &TestApp, key: &str, id: &Value, by_id: bool, consent: &Value) {
    let mut body = json!({"email": JOHN, "phone": OTHER_PHONE, "marketingConsent": consent});
    if by_id {
        let changed = app.put_contact(key, id.as_str().unwrap(), &body).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        return;
    }
    let email = json!({
        "email": JOHN, "phone": PHONE, "marketingConsent": {"email": consent["email"]},
    });
    app.upsert(key, &email).await.result();
    body["marketingConsent"] = json!({"whatsapp": consent["whatsapp"]});
    app.upsert(key, &body).await.result();
}

#[tokio::test]
async fn by_default_a_consent_is_kept_and_recorded_for_the_new_address() {
    let app = TestApp::start().await;
    for by_id in [false, true] {
        for status in [true, false] {
            let key = key_of_company(&app, false).await;
            let body = json!({"email": JANE, "phone": PHONE, "marketingConsent": both(status)});
            let id = contact(&app, &key, &body).await;

            change_both(&app, &key, &id, by_id, &json!({})).await;

            let expected = [json!(status), json!(status)];
            assert_eq!(consents(&app, &id).await, expected, "{by_id} {status}");
            let expected = json!([
                ["email", status, status, JOHN],
                ["whatsapp", status, status, OTHER_PHONE],
            ]);
            assert_eq!(
                events_after(&app, &id, 2).await,
                expected,
                "{by_id} {status}"
            );
        }
    }
}

#[tokio::test]
async fn opt_ins_can_be_reset_and_opt_outs_always_stay() {
    let app = TestApp::start().await;
    for by_id in [false, true] {
        for (status, then) in [(true, json!(null)), (false, json!(false))] {
            let key = key_of_company(&app, true).await;
            let body = json!({"email": JANE, "phone": PHONE, "marketingConsent": both(status)});
            let id = contact(&app, &key, &body).await;

            change_both(&app, &key, &id, by_id, &json!({})).await;

            let expected = [then.clone(), then.clone()];
            assert_eq!(consents(&app, &id).await, expected, "{by_id} {status}");
            let expected = json!([
                ["email", status, then, JOHN],
                ["whatsapp", status, then, OTHER_PHONE],
            ]);
            assert_eq!(
                events_after(&app, &id, 2).await,
                expected,
                "{by_id} {status}"
            );
        }
    }
}

#[tokio::test]
async fn a_consent_in_the_call_counts_and_is_recorded_once() {
    let app = TestApp::start().await;
    for resets in [false, true] {
        for by_id in [false, true] {
            for (status, sent) in [(true, true), (true, false), (false, true), (false, false)] {
                let key = key_of_company(&app, resets).await;
                let body = json!({"email": JANE, "phone": PHONE, "marketingConsent": both(status)});
                let id = contact(&app, &key, &body).await;

                change_both(&app, &key, &id, by_id, &both(sent)).await;

                assert_eq!(consents(&app, &id).await, [json!(sent), json!(sent)]);
                let expected = json!([
                    ["email", status, sent, JOHN],
                    ["whatsapp", status, sent, OTHER_PHONE],
                ]);
                let recorded = events_after(&app, &id, 2).await;
                assert_eq!(recorded, expected, "{by_id} {status} {sent}");
            }
        }
    }
}

#[tokio::test]
async fn only_the_channel_whose_address_changes_is_reset() {
    let app = TestApp::start().await;
    let key = resetting_tenant(&app).await.key;
    let body = json!({"email": JANE, "phone": PHONE, "marketingConsent": both(true)});
    let id = contact(&app, &key, &body).await;

    app.upsert(&key, &json!({"email": JANE, "phone": OTHER_PHONE}))
        .await
        .result();
    assert_eq!(consents(&app, &id).await, [json!(true), json!(null)]);
    app.upsert(&key, &json!({"email": JOHN, "phone": OTHER_PHONE}))
        .await
        .result();
    assert_eq!(consents(&app, &id).await, [json!(null), json!(null)]);
}

#[tokio::test]
async fn setting_a_first_address_is_not_a_change() {
    let app = TestApp::start().await;
    let key = resetting_tenant(&app).await.key;
    let body = json!({"phone": PHONE, "marketingConsent": both(true)});
    let id = contact(&app, &key, &body).await;

    app.upsert(&key, &json!({"email": JANE, "phone": PHONE}))
        .await
        .result();

    assert_eq!(consents(&app, &id).await, [json!(true), json!(true)]);
    assert_eq!(events_after(&app, &id, 2).await, json!([]));
}

#[tokio::test]
async fn removing_an_address_resets_its_opt_in_where_opt_ins_are_reset() {
    let app = TestApp::start().await;
    for (resets, status, then, events) in [
        (false, true, json!(true), json!([])),
        (false, false, json!(false), json!([])),
        (
            true,
            true,
            json!(null),
            json!([["whatsapp", true, null, null]]),
        ),
        (true, false, json!(false), json!([])),
    ] {
        let key = key_of_company(&app, resets).await;
        let body = json!({
            "email": JANE, "phone": PHONE, "marketingConsent": {"whatsapp": status},
        });
        let id = contact(&app, &key, &body).await;

        let removed = app
            .put_contact(&key, id.as_str().unwrap(), &json!({"phone": null}))
            .await;

        assert_eq!(removed.status, 200, "{}", removed.text);
        assert_eq!(consents(&app, &id).await[1], then);
        assert_eq!(events_after(&app, &id, 1).await, events);
    }
}

#[tokio::test]
async fn an_address_set_after_a_removal_is_a_change_unless_it_is_the_same() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let body = json!({"email": JANE, "phone": PHONE, "marketingConsent": {"whatsapp": true}});
    let id = contact(&app, &key, &body).await;
    let change = async |phone: Option<&str>| {
        let body = json!({"phone": phone});
        let changed = app.put_contact(&key, id.as_str().unwrap(), &body).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    };

    change(None).await;
    change(Some(PHONE)).await;
    assert_eq!(events_after(&app, &id, 1).await, json!([]));

    change(None).await;
    change(Some(OTHER_PHONE)).await;
    let expected = json!([["whatsapp", true, true, OTHER_PHONE]]);
    assert_eq!(events_after(&app, &id, 1).await, expected);
}

#[tokio::test]
async fn a_restored_contact_with_another_address_is_treated_the_same() {
    let app = TestApp::start().await;
    for (resets, then) in [(false, json!(true)), (true, json!(null))] {
        for by_id in [false, true] {
            let key = key_of_company(&app, resets).await;
            let body = json!({"email": JANE, "phone": PHONE, "marketingConsent": both(true)});
            let id = contact(&app, &key, &body).await;
            app.delete(&id).await;
            let body = json!({"email": JANE, "phone": OTHER_PHONE});

            if by_id {
                let restored = app.put_contact(&key, id.as_str().unwrap(), &body).await;
                assert_eq!(restored.status, 200, "{}", restored.text);
            } else {
                let result = app.upsert(&key, &body).await.result();
                assert_eq!(result["outcome"], "restored");
            }

            assert_eq!(consents(&app, &id).await, [json!(true), then.clone()]);
            let expected = json!([["whatsapp", true, then, OTHER_PHONE]]);
            assert_eq!(events_after(&app, &id, 2).await, expected, "{by_id}");
        }
    }
}

#[tokio::test]
async fn the_history_that_callers_read_names_the_address_of_each_status() {
    let app = TestApp::start().await;
    let tenant = resetting_tenant(&app).await;
    let key = &tenant.key;
    let body = json!({"email": JANE, "phone": PHONE, "marketingConsent": {"email": true}});
    let id = contact(&app, key, &body).await;
    app.upsert(key, &json!({"email": JOHN, "phone": PHONE}))
        .await
        .result();

    let path = format!("{}/consent-events", id.as_str().unwrap());
    let page = app.get_contact(key, &path).await.json();

    let newest = &page["data"][0];
    assert_eq!(newest["oldStatus"], true);
    assert_eq!(newest["newStatus"], json!(null));
    assert_eq!(newest["address"], JOHN);
    assert_eq!(newest["clientId"], json!(tenant.client));
    assert_eq!(page["data"][1]["address"], JANE);
}
