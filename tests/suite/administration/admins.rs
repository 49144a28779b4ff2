//! Administrators, over the admin API.

use rubrica::domain::Role;
use serde_json::json;

use super::{data, each};
use crate::harness::{PASSWORD, TestApp};

#[tokio::test]
async fn administrators_list_only_the_administrators_they_may_manage() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let (one, two) = (app.tenant().await.company, app.tenant().await.company);
    let session = app.company_admin(one).await;
    app.admin("of-two@example.com", Role::CompanyAdmin(two))
        .await;

    let all = app.admin_get(&operator, "admins").await.json();
    let own = app.admin_get(&session, "admins").await.json();

    let expected = [
        operator.email.as_str(),
        &session.email,
        "of-two@example.com",
    ];
    assert_eq!(each(data(&all), "email"), expected);
    assert_eq!(each(data(&own), "email"), [session.email]);
    let page = app.admin_get(&operator, "admins?limit=2").await.json();
    let cursor = page["nextCursor"].as_str().expect("a cursor");
    let rest = app
        .admin_get(&operator, &format!("admins?cursor={cursor}"))
        .await;
    assert_eq!(each(data(&rest.json()), "email"), ["of-two@example.com"]);
}

#[tokio::test]
async fn a_disabled_administrator_cannot_sign_in_until_enabled() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let admin = app.admin("ada@example.com", Role::Operator).await;
    let path = |action: &str| format!("admins/{}/{action}", admin.admin_id);
    let change = async |action: &str| {
        let answer = app.admin_post(&operator, &path(action), &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["state"].clone()
    };

    assert_eq!(change("disable").await, "disabled");
    assert_eq!(change("disable").await, "disabled");
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 401);
    assert_eq!(change("enable").await, "active");
    assert_eq!(change("enable").await, "active");
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200);

    for action in ["admin.disable", "admin.enable"] {
        assert_eq!(app.audit_events(action).await.len(), 1, "{action}");
    }
}

#[tokio::test]
async fn administrators_cannot_disable_themselves() {
    let app = TestApp::start().await;
    let operator = app.operator().await;

    let path = format!("admins/{}/disable", operator.admin);
    let refused = app.admin_post(&operator, &path, &json!({})).await;

    refused.error(403, "forbidden");
    assert_eq!(app.me(&operator.access_token).await.status, 200);
}

#[tokio::test]
async fn an_unknown_administrator_is_not_found() {
    let app = TestApp::start().await;
    let operator = app.operator().await;

    for path in ["admins/999", "admins/9223372036854775807"] {
        let answer = app.admin_get(&operator, path).await;
        answer.error(404, "not_found");
    }
    for path in [
        "admins/x",
        "admins/0",
        "admins/-1",
        "admins/9223372036854775808",
    ] {
        let answer = app.admin_get(&operator, path).await;
        answer.error(400, "bad_request");
    }
}
