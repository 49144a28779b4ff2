//! Sessions: refreshing, expiry and sign-out.

use futures_util::future::join_all;
use rubrica::domain::Role;
use serde_json::json;

use crate::harness::{PASSWORD, Session, TestApp};

async fn refreshed(app: &TestApp, session: &Session) -> Session {
    let answer = app.refresh(&session.refresh_token).await;
    Session::of(session.admin.clone(), session.email.clone(), &answer)
}

async fn is_open(app: &TestApp, session: &Session) -> bool {
    match app.me(&session.access_token).await.status {
        200 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn each_refresh_token_works_once() {
    let app = TestApp::start().await;
    let first = app.operator().await;

    let second = refreshed(&app, &first).await;
    let third = refreshed(&app, &second).await;

    assert_ne!(first.refresh_token, second.refresh_token);
    assert_ne!(second.refresh_token, third.refresh_token);
    assert!(is_open(&app, &third).await);
    // The earlier access token works until it expires.
    assert!(is_open(&app, &first).await);
}

#[tokio::test]
async fn a_reused_refresh_token_ends_its_session_and_no_other() {
    let app = TestApp::start().await;
    let stolen = app.operator().await;
    let answer = app.sign_in(&stolen.email, PASSWORD).await;
    let other = Session::of(stolen.admin.clone(), stolen.email.clone(), &answer);
    let current = refreshed(&app, &stolen).await;

    let reused = app.refresh(&stolen.refresh_token).await;

    reused.error(401, "unauthorized");
    assert_eq!(reused.header("www-authenticate"), "Bearer");
    assert!(!is_open(&app, &stolen).await);
    assert!(!is_open(&app, &current).await);
    let next = app.refresh(&current.refresh_token).await;
    next.error(401, "unauthorized");
    assert!(is_open(&app, &other).await);
    let events = app.audit_events("admin.refresh_token_reused").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["actor"], "anonymous");
    assert_eq!(events[0]["subject"], "admin:1");
}

#[tokio::test]
async fn one_of_many_concurrent_refreshes_succeeds_and_the_session_ends() {
    let app = TestApp::start().await;
    let session = app.operator().await;

    let answers = join_all((0..8).map(|_| app.refresh(&session.refresh_token))).await;

    let good = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(good.count(), 1);
    assert!(answers.iter().all(|it| [200, 401].contains(&it.status)));
    assert!(!is_open(&app, &session).await);
    let events = app.audit_events("admin.refresh_token_reused").await;
    assert_eq!(events.len(), 1);
}

#[tokio::test]
async fn signing_out_ends_the_session_immediately_and_can_be_repeated() {
    let app = TestApp::start().await;
    let session = app.operator().await;

    for _ in 0..2 {
        let answer = app.sign_out(&session.refresh_token).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    }

    assert!(!is_open(&app, &session).await);
    let refresh = app.refresh(&session.refresh_token).await;
    refresh.error(401, "unauthorized");
    assert_eq!(app.audit_events("admin.sign_out").await.len(), 1);
    assert_eq!(app.sign_out("unknown").await.status, 204);
}

#[tokio::test]
async fn disabling_an_administrator_or_setting_a_password_ends_all_sessions_immediately() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let (administration, principal) = app.administration();
    let admin = app.admin("ada@example.com", Role::Operator).await;
    let sign_in = async || {
        let answer = app.sign_in("ada@example.com", PASSWORD).await;
        Session::of(admin.admin_id.to_string(), admin.email.clone(), &answer)
    };
    let sessions = [sign_in().await, sign_in().await];

    let path = format!("admins/{}/disable", admin.admin_id);
    app.admin_post(&operator, &path, &json!({})).await;
    for session in &sessions {
        assert!(!is_open(&app, session).await);
        let refresh = app.refresh(&session.refresh_token).await;
        refresh.error(401, "unauthorized");
    }
    let path = format!("admins/{}/enable", admin.admin_id);
    app.admin_post(&operator, &path, &json!({})).await;
    for session in &sessions {
        assert!(!is_open(&app, session).await, "enabling opens none again");
    }

    let session = sign_in().await;
    let password = rubrica::domain::Password::parse(PASSWORD).unwrap();
    let reset = administration.reset_password(&principal, admin.admin_id, &password);
    reset.await.expect("a password");
    assert!(!is_open(&app, &session).await, "even if it is the same one");
    assert!(is_open(&app, &operator).await);
}

#[tokio::test]
async fn a_session_expires_however_often_it_is_refreshed_and_is_deleted() {
    let app = TestApp::start().await;
    let session = refreshed(&app, &app.operator().await).await;
    let sql = "update admin_sessions set expires_at = now() - interval '1s'";
    app.sql().await.batch_execute(sql).await.expect("a session");

    assert!(!is_open(&app, &session).await);
    let refresh = app.refresh(&session.refresh_token).await;
    refresh.error(401, "unauthorized");

    app.sign_in(&session.email, PASSWORD).await;
    assert_eq!(app.count("select count(*) from admin_sessions").await, 1);
    let tokens = "select count(*) from admin_refresh_tokens";
    assert_eq!(app.count(tokens).await, 1);
}

#[tokio::test]
async fn a_session_works_on_every_replica() {
    let app = TestApp::start().await;
    let other = app.replica(&[]).await;
    let session = app.operator().await;

    assert!(is_open(&other, &session).await);
    let next = refreshed(&other, &session).await;
    assert!(is_open(&app, &next).await);
    app.sign_out(&next.refresh_token).await;
    assert!(!is_open(&other, &next).await);
}
