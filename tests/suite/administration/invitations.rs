//! Invitations: one-time tokens that set a password.

use rubrica::domain::Role;
use serde_json::{Value, json};

use super::{each, text};
use crate::harness::{Answer, PASSWORD, Session, TestApp, assert_snapshot};

async fn invite(app: &TestApp, operator: &Session, body: &Value) -> Answer {
    app.admin_post(operator, "admins", body).await
}

/// Invites an administrator and returns the response.
async fn invited(app: &TestApp, operator: &Session, email: &str) -> Value {
    let body = json!({"email": email, "role": "operator"});
    let answer = invite(app, operator, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn a_disabled_administrator_cannot_be_invited() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let role = Role::CompanyAdmin(app.tenant().await.company);
    let other = app.admin("ada@example.com", role).await.admin_id;
    let call = async |action: &str| {
        let path = format!("admins/{other}/{action}");
        app.admin_post(&operator, &path, &json!({})).await
    };
    assert_eq!(call("disable").await.status, 200);

    let refused = call("invite").await;

    let error = refused.error(403, "forbidden");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("enable them first")
    );
    assert_eq!(call("enable").await.status, 200);
    assert_eq!(call("invite").await.status, 200);
}

#[tokio::test]
async fn an_invited_administrator_sets_a_password_once_and_signs_in() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let company = app.tenant().await.company;
    let body = json!({"email": "Grace@Example.com", "role": "company_admin",
        "companyId": company.to_string()});

    let answer = invite(&app, &operator, &body).await;

    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    let admin = answer.json();
    assert_snapshot("admin.invited", &admin);
    let path = answer
        .header("location")
        .strip_prefix("/admin/v1/")
        .unwrap();
    let token = text(&admin["invitationToken"]);
    assert!(!app.admin_get(&operator, path).await.text.contains(token));

    let accepted = app.accept_invitation(token, "a password of Grace's").await;
    assert_eq!((accepted.status, accepted.text.as_str()), (204, ""));
    let signed_in = app
        .sign_in("grace@example.com", "a password of Grace's")
        .await;
    assert_eq!(signed_in.status, 200);
    let admin = app.admin_get(&operator, path).await.json();
    assert_eq!(admin["state"], "active");
    assert_eq!(admin["invitationExpiresAt"], json!(null));
    let events = app.audit_events("admin.accept_invitation").await;
    assert_eq!(events.len(), 1);

    let again = app.accept_invitation(token, "another password").await;
    let error = again.error(422, "validation_error");
    assert_eq!(error["details"]["field"], "token");
    assert!(!again.text.contains(token));
}

#[tokio::test]
async fn an_expired_or_unknown_invitation_sets_no_password() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let admin = invited(&app, &operator, "grace@example.com").await;
    let token = text(&admin["invitationToken"]);
    let sql = "update admins set invitation_expires_at = now() where invitation_digest is not null";
    app.sql().await.batch_execute(sql).await.expect("a row");

    for token in [token, "", "x", &"0".repeat(64)] {
        let answer = app.accept_invitation(token, PASSWORD).await;
        answer.error(422, "validation_error");
    }
    assert_eq!(app.sign_in("grace@example.com", PASSWORD).await.status, 401);
}

#[tokio::test]
async fn a_second_invitation_replaces_the_first_and_leaves_the_password_until_it_is_accepted() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let company = app.tenant().await.company.to_string();
    let body = json!({"email": "grace@example.com", "role": "company_admin", "companyId": company});
    let first = invite(&app, &operator, &body).await.json();
    app.accept_invitation(text(&first["invitationToken"]), PASSWORD)
        .await;
    let path = format!("admins/{}/invite", text(&first["adminId"]));
    let again = async || app.admin_post(&operator, &path, &json!({})).await.json();

    let (second, third) = (again().await, again().await);

    assert_eq!(third["state"], "active");
    assert_eq!(app.sign_in("grace@example.com", PASSWORD).await.status, 200);
    let new = "another password of Grace's";
    let replaced = app
        .accept_invitation(text(&second["invitationToken"]), new)
        .await;
    replaced.error(422, "validation_error");
    let accepted = app
        .accept_invitation(text(&third["invitationToken"]), new)
        .await;
    assert_eq!(accepted.status, 204);
    assert_eq!(app.sign_in("grace@example.com", PASSWORD).await.status, 401);
    assert_eq!(app.sign_in("grace@example.com", new).await.status, 200);
}

#[tokio::test]
async fn a_disabled_administrator_cannot_accept_an_earlier_invitation_even_after_being_enabled() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let admin = invited(&app, &operator, "grace@example.com").await;
    let path = format!("admins/{}", text(&admin["adminId"]));

    for action in ["disable", "enable"] {
        let path = format!("{path}/{action}");
        let done = app.admin_post(&operator, &path, &json!({})).await;
        assert_eq!(done.status, 200, "{}", done.text);
        let accepted = app
            .accept_invitation(text(&admin["invitationToken"]), PASSWORD)
            .await;
        accepted.error(422, "validation_error");
    }
}

#[tokio::test]
async fn bad_invitations_are_reported_by_field_and_invite_nobody() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let company = app.tenant().await.company.to_string();

    for (body, fields) in [
        (json!({}), &["email", "role"][..]),
        (json!({"email": "x", "role": "king"}), &["email", "role"]),
        (
            json!({"email": "g@example.com", "role": "company_admin"}),
            &["companyId"],
        ),
        (
            json!({"email": "g@example.com", "role": "company_admin", "companyId": "x"}),
            &["companyId"],
        ),
        (
            json!({"email": "g@example.com", "role": "operator", "companyId": company}),
            &["companyId"],
        ),
        (
            json!({"email": "g@example.com", "role": "operator", "password": PASSWORD}),
            &["password"],
        ),
    ] {
        let answer = invite(&app, &operator, &body).await;

        let error = answer.error(422, "validation_error");
        let errors = error["details"]["errors"].as_array().expect("errors");
        assert_eq!(each(errors, "field"), fields, "{body}");
    }
    let body = json!({"email": "g@example.com", "role": "company_admin", "companyId": "999"});
    invite(&app, &operator, &body).await.error(404, "not_found");
    let body = json!({"email": operator.email, "role": "operator"});
    let taken = invite(&app, &operator, &body).await;
    let error = taken.error(409, "duplicate_resource");
    assert_eq!(error["details"]["field"], "email");
    assert_eq!(app.count("select count(*) from admins").await, 1);
}
