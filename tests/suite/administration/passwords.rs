//! `POST /admin/v1/me/password`

use serde_json::json;

use super::each;
use crate::harness::{Answer, PASSWORD, Session, TestApp};

const NEW: &str = "another horse, another battery";

async fn change(app: &TestApp, session: &Session, current: &str, new: &str) -> Answer {
    let body = json!({"currentPassword": current, "newPassword": new});
    app.admin_post(session, "me/password", &body).await
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_of_its_owner() {
    let app = TestApp::start().await;
    let session = app.operator().await;
    app.sign_in(&session.email, PASSWORD).await;

    let changed = change(&app, &session, PASSWORD, NEW).await;

    assert_eq!((changed.status, changed.text.as_str()), (204, ""));
    assert_eq!(app.me(&session.access_token).await.status, 401);
    let live = "select count(*) from admin_sessions where ended_at is null";
    assert_eq!(app.count(live).await, 0);
    assert_eq!(app.sign_in(&session.email, PASSWORD).await.status, 401);
    assert_eq!(app.sign_in(&session.email, NEW).await.status, 200);
    let events = app.audit_events("admin.set_password").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["actor"], "admin:1");
}

#[tokio::test]
async fn wrong_current_passwords_change_nothing_and_are_recorded() {
    let app = TestApp::with_settings(&[("admin.sign_in_limit", "3")]).await;
    let session = app.operator().await;

    for guess in ["a wrong password", "short", "another guess of it"] {
        let refused = change(&app, &session, guess, NEW).await;
        let error = refused.error(422, "validation_error");
        assert_eq!(error["details"]["field"], "currentPassword");
        assert!(!refused.text.contains(guess));
    }
    let limited = change(&app, &session, PASSWORD, NEW).await;

    // A value that cannot be a password does not count as a guess.
    assert_eq!(limited.status, 204, "{}", limited.text);
    let wrong = app.audit_events_until("admin.wrong_password", 2).await;
    assert_eq!(wrong.len(), 2);
}

#[tokio::test]
async fn guesses_of_the_current_password_are_limited() {
    let app = TestApp::with_settings(&[("admin.sign_in_limit", "3")]).await;
    let session = app.operator().await;

    for _ in 0..3 {
        let refused = change(&app, &session, "a wrong password", NEW).await;
        refused.error(422, "validation_error");
    }
    let limited = change(&app, &session, PASSWORD, NEW).await;

    limited.error(429, "rate_limit_exceeded");
    let new = app.sign_in(&session.email, NEW).await;
    new.error(429, "rate_limit_exceeded");
}

#[tokio::test]
async fn a_new_password_has_12_to_128_characters_of_any_kind() {
    let app = TestApp::start().await;
    let session = app.operator().await;
    // Normalization turns this one character into 18 letters.
    let (long, grows) = ("x".repeat(129), "\u{fdfa}".repeat(8));

    for new in ["", "eleven char", &long, &grows] {
        let refused = change(&app, &session, PASSWORD, new).await;
        let error = refused.error(422, "validation_error");
        let errors = error["details"]["errors"].as_array().expect("errors");
        assert_eq!(each(errors, "field"), ["newPassword"]);
        assert!(errors[0]["message"].as_str().unwrap().contains("12 to 128"));
        assert!(errors[0].get("value").is_none(), "{error}");
    }
    let kind = "            \u{1f511}\u{0}'\"";
    let answer = change(&app, &session, PASSWORD, kind).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    assert_eq!(app.sign_in(&session.email, kind).await.status, 200);
}
