//! Secrets and personal data of administrators stay out of logs, tables and audit events.

use serde_json::json;

use super::text;
use crate::harness::{Binary, PASSWORD, SendAndRead, TestApp};

#[tokio::test]
async fn no_password_token_or_address_is_logged_or_recorded() {
    let app = TestApp::start().await;
    let session = app.operator().await;
    let mut serving = Binary::of(&app)
        .set("RUBRICA__LOG__LEVEL", "debug")
        .serve()
        .await;
    serving.wait_until_ready().await;
    let post = async |path: &str, token: &str, body: serde_json::Value| {
        let request = serving
            .http()
            .post(serving.url(&format!("/admin/v1/{path}")));
        request.bearer_auth(token).json(&body).answer().await.json()
    };

    let credentials = json!({"email": session.email, "password": PASSWORD});
    let pair = post("login", "", credentials).await;
    let wrong = json!({"email": session.email, "password": "a wrong password"});
    post("login", "", wrong).await;
    let refresh = json!({"refreshToken": pair["refreshToken"]});
    let pair = post("refresh", "", refresh).await;
    let access = text(&pair["accessToken"]).to_owned();
    let company = post("companies", &access, json!({"name": "Acme"})).await;
    let keys = format!("companies/{}/keys", text(&company["companyId"]));
    let key = post(&keys, &access, json!({"name": "shop"})).await;
    let invitation = json!({"email": "grace@example.com", "role": "operator"});
    let invited = post("admins", &access, invitation).await;

    serving.signal("TERM");
    let (_, log) = serving.end().await;
    let log = log.join("\n");
    assert!(
        log.contains("/admin/v1/companies/{companyId}/keys"),
        "{log}"
    );
    assert!(log.contains("\"admin_id\":1"), "{log}");
    let sql = "select string_agg(audit_events::text, ' ') from audit_events";
    let row = app.sql().await.query_one(sql, &[]).await.expect("a text");
    let record: String = row.get(0);
    for hidden in [
        PASSWORD,
        "a wrong password",
        &session.email,
        "grace@example.com",
        &access,
        text(&pair["refreshToken"]),
        text(&key["key"]),
        text(&invited["invitationToken"]),
    ] {
        assert!(!log.contains(hidden), "{hidden} in {log}");
        assert!(!record.contains(hidden), "{hidden} in {record}");
    }
}

#[tokio::test]
async fn credentials_are_stored_only_as_hashes() {
    let app = TestApp::start().await;
    let session = app.operator().await;
    let invitation = json!({"email": "grace@example.com", "role": "operator"});
    let invited = app.admin_post(&session, "admins", &invitation).await.json();

    let sql = "select string_agg(query_to_xml(
            format('select * from %I', tablename), true, false, '')::text, '')
        from pg_tables where schemaname = 'public'";
    let row = app.sql().await.query_one(sql, &[]).await.expect("a text");
    let stored: String = row.get(0);

    assert!(stored.contains("grace@example.com"));
    for hidden in [
        PASSWORD,
        &session.access_token,
        &session.refresh_token,
        text(&invited["invitationToken"]),
    ] {
        assert!(!stored.contains(hidden), "{hidden}");
    }
}
