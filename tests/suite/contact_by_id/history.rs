//! The consent history.

use serde_json::json;

use super::new_contact;
use crate::harness::TestApp;

#[tokio::test]
async fn the_consent_history_is_listed_newest_first_in_pages() {
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
    let reported: Vec<_> = events
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
        reported,
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
async fn a_deleted_contact_keeps_its_history_and_another_company_does_not_see_it() {
    let app = TestApp::start().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let body = json!({"email": "jane@example.com", "marketingConsent": {"email": false}});
    let id = new_contact(&app, &tenant, &body).await;
    let path = format!("{id}/consent-events");
    let before = app.get_contact(&tenant.key, &path).await.json();

    assert_eq!(app.delete_contact(&tenant.key, &id).await.status, 204);

    let answer = app.get_contact(&tenant.key, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json(), before);
    assert_eq!(before["data"][0]["newStatus"], json!(false));
    let hidden = app.get_contact(&other.key, &path).await;
    hidden.error(404, "not_found");
    let unknown = app.get_contact(&tenant.key, "999999/consent-events").await;
    unknown.error(404, "not_found");
}
