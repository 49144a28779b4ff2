//! An invitation cannot take over the account of another administrator.

use rubrica::domain::Role;
use serde_json::{Value, json};

use super::text;
use crate::harness::{Answer, PASSWORD, Session, TestApp};

async fn invite_again(app: &TestApp, session: &Session, id: &str) -> Answer {
    let path = format!("admins/{id}/invite");
    app.admin_post(session, &path, &json!({})).await
}

/// An administrator whom a company administrator invited and who has not accepted yet.
async fn invited(app: &TestApp, session: &Session, company: &str, email: &str) -> Value {
    let body = json!({"email": email, "role": "company_admin", "companyId": company});
    let answer = app.admin_post(session, "admins", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn only_operators_invite_an_active_administrator_again() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let (admin, operator) = (app.company_admin(company).await, app.operator().await);
    let company = company.to_string();
    let grace = invited(&app, &admin, &company, "grace@example.com").await;
    let id = text(&grace["adminId"]);

    let again = invite_again(&app, &admin, id).await;
    assert_eq!(again.status, 200, "whoever lost the token: {}", again.text);
    let token = again.json();
    let token = text(&token["invitationToken"]);
    assert_eq!(app.accept_invitation(token, PASSWORD).await.status, 204);

    for id in [id, &admin.admin] {
        let refused = invite_again(&app, &admin, id).await;
        let error = refused.error(403, "forbidden");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("only operators"), "{message}");
        assert!(!refused.text.contains("invitationToken"));
    }
    assert_eq!(invite_again(&app, &operator, id).await.status, 200);
}

#[tokio::test]
async fn nobody_can_invite_an_active_operator_again() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let peer = app.admin("peer@example.com", Role::Operator).await;

    for id in [peer.admin_id.to_string(), operator.admin.clone()] {
        let refused = invite_again(&app, &operator, &id).await;
        let error = refused.error(403, "forbidden");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("rubrica admin reset-password"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn an_administrator_who_only_uses_single_sign_on_has_an_account() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let admin = app.company_admin(company).await;
    let grace = invited(&app, &admin, &company.to_string(), "grace@example.com").await;
    let id = text(&grace["adminId"]);
    let sql = format!("insert into admin_identities values ({id}, 'https://issuer', 'g', now())");
    app.sql().await.batch_execute(&sql).await.expect(&sql);

    let refused = invite_again(&app, &admin, id).await;

    refused.error(403, "forbidden");
}

#[tokio::test]
async fn the_acceptance_of_an_invitation_names_who_invited() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let (admin, operator) = (app.company_admin(company).await, app.operator().await);
    let grace = invited(&app, &admin, &company.to_string(), "grace@example.com").await;
    app.accept_invitation(text(&grace["invitationToken"]), PASSWORD)
        .await;
    let again = invite_again(&app, &operator, text(&grace["adminId"])).await;
    let again = again.json();
    app.accept_invitation(text(&again["invitationToken"]), PASSWORD)
        .await;

    let events = app.audit_events("admin.accept_invitation").await;

    let inviters: Vec<&str> = events
        .iter()
        .map(|event| text(&event["after"]["invitedBy"]))
        .collect();
    let expected = [
        format!("admin:{}", admin.admin),
        format!("admin:{}", operator.admin),
    ];
    assert_eq!(inviters, expected);
    assert_eq!(events[0]["actor"], "anonymous");
    assert_eq!(events[0]["before"]["state"], "invited");
}
