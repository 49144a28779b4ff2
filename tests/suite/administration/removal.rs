//! Disabling and deleting administrators: the last operator, expired invitations, and changes by
//! administrators who are disabled meanwhile.

use reqwest::Method;
use rubrica::administration::AdministrationError;
use rubrica::domain::{AdminId, Role};
use serde_json::{Value, json};

use super::text;
use crate::harness::{Answer, Binary, PASSWORD, SendAndRead, Session, TestApp, eventually};

const ACTIVE_OPERATORS: &str = "select count(*) from admins
    where company_id is null and disabled_at is null and password_hash is not null";

async fn disable(app: &TestApp, session: &Session, id: &str) -> Answer {
    let path = format!("admins/{id}/disable");
    app.admin_post(session, &path, &json!({})).await
}

async fn delete(app: &TestApp, session: &Session, id: &str) -> Answer {
    let path = format!("admins/{id}");
    app.admin_call(Method::DELETE, session, &path)
        .answer()
        .await
}

async fn invite(app: &TestApp, session: &Session, body: &Value) -> Answer {
    app.admin_post(session, "admins", body).await
}

async fn session_of(app: &TestApp, id: AdminId, email: &str) -> Session {
    let answer = app.sign_in(email, PASSWORD).await;
    Session::of(id.to_string(), email.to_owned(), &answer)
}

#[tokio::test]
async fn operators_who_disable_each_other_concurrently_leave_one_who_can_sign_in() {
    let app = TestApp::with_settings(&[("auth.failure_limit", "1000")]).await;
    let ada = app.admin("ada@example.com", Role::Operator).await.admin_id;
    let bob = app.admin("bob@example.com", Role::Operator).await.admin_id;
    let (administration, principal) = app.administration();

    for round in 0..10 {
        let a = session_of(&app, ada, "ada@example.com").await;
        let b = session_of(&app, bob, "bob@example.com").await;

        let (one, two) = tokio::join!(disable(&app, &a, &b.admin), disable(&app, &b, &a.admin));

        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200, "{round}: {} {}", one.text, two.text);
        assert!([401, 409].contains(&statuses[1]), "{round}: {statuses:?}");
        assert_eq!(app.count(ACTIVE_OPERATORS).await, 1, "{round}");
        for id in [ada, bob] {
            let enabled = administration.enable_admin(&principal, id).await;
            enabled.expect("they are enabled");
        }
    }
}

#[tokio::test]
async fn concurrent_commands_that_disable_all_operators_leave_one() {
    let app = TestApp::start().await;
    let (administration, principal) = app.administration();
    let mut ids = Vec::new();
    for number in 0..4 {
        let email = format!("operator-{number}@example.com");
        ids.push(app.admin(&email, Role::Operator).await.admin_id);
    }

    let disabled = ids
        .iter()
        .map(|id| administration.disable_admin(&principal, *id));
    let results = futures_util::future::join_all(disabled).await;

    let refused = |result: &&Result<_, AdministrationError>| {
        matches!(result, Err(AdministrationError::LastOperator))
    };
    assert_eq!(results.iter().filter(refused).count(), 1, "{results:?}");
    assert_eq!(app.count(ACTIVE_OPERATORS).await, 1);
}

#[tokio::test]
async fn the_last_operator_who_can_sign_in_is_disabled_only_with_force() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let operator = app.operator().await;
    // Neither could sign in.
    let body = json!({"email": "invited@example.com", "role": "operator"});
    assert_eq!(invite(&app, &operator, &body).await.status, 201);
    let disabled = app.admin("gone@example.com", Role::Operator).await.admin_id;
    let disabled = disable(&app, &operator, &disabled.to_string()).await;
    assert_eq!(disabled.status, 200, "{}", disabled.text);
    let command = ["admin", "disable", "--email", "operator@example.com"];

    let complaint = rubrica.run(&command).error().to_owned();

    assert!(complaint.contains("last operator"), "{complaint}");
    assert!(complaint.contains("--force"), "{complaint}");
    assert_eq!(app.count(ACTIVE_OPERATORS).await, 1);
    rubrica.run(&[&command[..], &["--force"]].concat()).text();
    assert_eq!(app.count(ACTIVE_OPERATORS).await, 0);
}

#[tokio::test]
async fn the_last_administrator_of_a_company_can_be_disabled() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let admin = app.company_admin(company).await;
    let operator = app.operator().await;

    assert_eq!(disable(&app, &operator, &admin.admin).await.status, 200);
}

#[tokio::test]
async fn a_change_by_an_administrator_who_was_disabled_meanwhile_is_refused() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let admin = app.company_admin(tenant.company).await;
    app.operator().await;
    let company = format!("companies/{}", tenant.company);
    let invitation = json!({"email": "new@example.com", "role": "company_admin",
        "companyId": tenant.company.to_string()});
    let before = app.count("select count(*) from audit_events").await;
    // The administrator is signed in when the call arrives and disabled before it commits.
    let mut other = app.sql().await;
    let disabling = other.transaction().await.expect("a transaction");
    let sql = format!(
        "update admins set disabled_at = now() where id = {}",
        admin.admin
    );
    disabling.batch_execute(&sql).await.expect(&sql);
    let (keys, revocation) = (
        format!("{company}/keys"),
        format!("keys/{}/revoke", tenant.client),
    );
    let (shop, new, nothing) = (json!({"name": "shop"}), json!({"name": "New"}), json!({}));
    let changes = async {
        tokio::join!(
            app.admin_post(&admin, &keys, &shop),
            app.admin_patch(&admin, &company, &new),
            app.admin_post(&admin, "admins", &invitation),
            app.admin_post(&admin, &revocation, &nothing),
        )
    };
    let commit = async {
        let waiting = "select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'";
        // One call holds the company and one the key while the others wait for these locks.
        let waiting = async || app.count(waiting).await;
        eventually("three calls that wait", waiting, |count| *count >= 3).await;
        disabling.commit().await.expect("they are disabled");
    };

    let ((one, two, three, four), ()) = tokio::join!(changes, commit);

    for answer in [one, two, three, four] {
        answer.error(401, "unauthorized");
    }
    assert_eq!(app.count("select count(*) from audit_events").await, before);
    assert_eq!(app.count("select count(*) from api_keys").await, 1);
    assert_eq!(app.count("select count(*) from admins").await, 2);
}

#[tokio::test]
async fn operators_delete_only_administrators_who_never_accepted_an_invitation() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let (admin, operator) = (app.company_admin(company).await, app.operator().await);
    let body = json!({"email": "cto@victim.example.com", "role": "company_admin",
        "companyId": company.to_string()});
    let invited = invite(&app, &admin, &body).await.json();
    let id = text(&invited["adminId"]);

    delete(&app, &admin, id).await.error(403, "forbidden");
    let deleted = delete(&app, &operator, id).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    delete(&app, &operator, id).await.error(404, "not_found");
    for accepted in [&admin.admin, &operator.admin] {
        let refused = delete(&app, &operator, accepted).await;
        refused.error(409, "conflict");
    }

    let token = text(&invited["invitationToken"]);
    let accepted = app.accept_invitation(token, PASSWORD).await;
    accepted.error(422, "validation_error");
    let events = app.audit_events("admin.delete").await;
    assert_eq!(events.len(), 1);
    for (name, value) in [
        ("actor", json!(format!("admin:{}", operator.admin))),
        ("subject", json!(format!("admin:{id}"))),
        ("company_id", json!(company.get())),
        ("after", json!(null)),
        ("client_address", json!("127.0.0.1")),
    ] {
        assert_eq!(events[0][name], value, "{name}");
    }
    assert_eq!(events[0]["before"]["state"], "invited");
    // The email can be invited again.
    assert_eq!(invite(&app, &admin, &body).await.status, 201);
}

#[tokio::test]
async fn an_expired_invitation_releases_its_email() {
    let app = TestApp::start().await;
    let (one, two) = (app.tenant().await.company, app.tenant().await.company);
    let (first, second) = (app.company_admin(one).await, app.company_admin(two).await);
    let body = |company: rubrica::domain::CompanyId| {
        json!({"email": "cto@victim.example.com", "role": "company_admin",
            "companyId": company.to_string()})
    };
    let held = invite(&app, &first, &body(one)).await.json();
    let taken = invite(&app, &second, &body(two)).await;
    taken.error(409, "duplicate_resource");
    let sql = app.sql().await;
    let expire = "update admins set invitation_expires_at = now()
        where email = 'cto@victim.example.com'";
    sql.batch_execute(expire).await.expect(expire);

    let invited = invite(&app, &second, &body(two)).await;

    assert_eq!(invited.status, 201, "{}", invited.text);
    assert_eq!(invited.json()["companyId"], json!(two));
    let late = app.accept_invitation(text(&held["invitationToken"]), PASSWORD);
    late.await.error(422, "validation_error");
    // The first company learns that its invitation ended, but not who invited afterwards.
    let events = app.audit_events("admin.delete").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["actor"], "service");
    assert_eq!(events[0]["company_id"], json!(one.get()));
    assert_eq!(events[0]["client_address"], json!(null));
}

#[tokio::test]
async fn an_account_keeps_its_email_while_disabled_or_without_a_password() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let operator = app.operator().await;
    let sql = app.sql().await;
    for (email, change) in [
        (
            "issuer@example.com",
            "insert into admin_identities
                select id, 'https://issuer', email, now() from admins where email = $1",
        ),
        (
            "acted@example.com",
            "insert into audit_events (actor, action, subject)
                select 'admin:' || id, 'admin.sign_in', 'admin:' || id from admins where email = $1",
        ),
        (
            "disabled@example.com",
            "update admins set disabled_at = now() where email = $1",
        ),
    ] {
        let body = json!({"email": email, "role": "company_admin",
            "companyId": company.to_string()});
        let invited = invite(&app, &operator, &body).await;
        assert_eq!(invited.status, 201, "{}", invited.text);
        let expire = "update admins set invitation_expires_at = now() where email = $1";
        sql.execute(expire, &[&email]).await.expect(expire);
        sql.execute(change, &[&email]).await.expect(change);

        let taken = invite(&app, &operator, &body).await;

        taken.error(409, "duplicate_resource");
    }
}
