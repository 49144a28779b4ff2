//! `POST /public/v1/contacts`: matching, merging, consent.

use serde_json::json;

use crate::harness::TestApp;

#[tokio::test]
async fn a_new_contact_is_created() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;

    let answer = app
        .upsert(&tenant.key, &json!({"email": "jane@example.com"}))
        .await;

    let result = answer.result();
    assert_eq!(result["outcome"], "created");
    assert_eq!(result["matchedBy"], json!(null));
    assert_eq!(
        app.row(&result["contactId"]).await["email"],
        "jane@example.com"
    );
}
