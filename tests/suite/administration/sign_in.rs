//! `POST /admin/v1/login`

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use reqwest::Method;
use rubrica::domain::{Email, Password, Role};
use serde_json::{Value, json};

use super::each;
use crate::harness::{Answer, PASSWORD, SendAndRead, TestApp, assert_snapshot};

async fn argon2_runs(app: &TestApp) -> f64 {
    app.metric(&["rubrica_argon2_runs_total"]).await
}

#[tokio::test]
async fn the_right_password_opens_a_session() {
    let app = TestApp::start().await;
    app.admin("ada@example.com", Role::Operator).await;

    let answer = app.sign_in(" Ada@Example.COM ", PASSWORD).await;

    let pair = answer.json();
    assert_snapshot("admin.signed_in", &pair);
    assert!((290..=300).contains(&pair["expiresIn"].as_u64().unwrap()));
    assert_eq!(answer.header("cache-control"), "no-store");
    let me = app.me(pair["accessToken"].as_str().unwrap()).await.json();
    let expected =
        json!({"adminId": "1", "email": "ada@example.com", "role": "operator", "companyId": null});
    assert_eq!(me, expected);
}

#[tokio::test]
async fn every_failed_sign_in_has_the_same_response_and_cost() {
    let app = TestApp::start().await;
    app.admin("ada@example.com", Role::Operator).await;
    app.admin("disabled@example.com", Role::Operator).await;
    app.admin("invited@example.com", Role::Operator).await;
    let sql = "update admins set disabled_at = now() where email = 'disabled@example.com';
        update admins set password_hash = null where email = 'invited@example.com'";
    app.sql().await.batch_execute(sql).await.expect("rows");
    let mut answers: Vec<(Value, f64)> = Vec::new();

    for (email, password) in [
        ("ada@example.com", "a wrong password"),
        ("ada@example.com", "short"),
        ("ada@example.com", ""),
        ("nobody@example.com", PASSWORD),
        ("disabled@example.com", PASSWORD),
        ("invited@example.com", PASSWORD),
        ("no address at all", PASSWORD),
        ("", ""),
    ] {
        let before = argon2_runs(&app).await;
        let answer = app.sign_in(email, password).await;
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        let error = answer.error(401, "unauthorized");
        answers.push((error, argon2_runs(&app).await - before));
    }

    let (first, runs) = &answers[0];
    assert_eq!(*runs, 1.0);
    for (answer, runs) in &answers {
        assert_eq!((answer, *runs), (first, 1.0));
    }
    assert_eq!(app.count("select count(*) from admin_sessions").await, 0);
}

#[tokio::test]
async fn passwords_are_compared_after_unicode_normalization() {
    let app = TestApp::start().await;
    let (administration, principal) = app.administration();
    let email = Email::parse("ada@example.com").unwrap();
    // The composed form, with a ligature.
    let password = Password::parse("caf\u{e9} \u{fb01}nest beans").unwrap();
    let created = administration.create_admin(&principal, &email, &password, Role::Operator);
    created.await.expect("an administrator");

    let status = async |password: &str| app.sign_in("ada@example.com", password).await.status;

    assert_eq!(status("cafe\u{301} finest beans").await, 200);
    assert_eq!(status("caf\u{e9} \u{fb01}nest beans").await, 200);
    assert_eq!(status("Caf\u{e9} finest beans").await, 401);
    assert_eq!(status(" caf\u{e9} finest beans").await, 401);
}

#[tokio::test]
async fn a_password_hash_with_outdated_parameters_is_replaced_at_sign_in() {
    let app = TestApp::start().await;
    app.admin("ada@example.com", Role::Operator).await;
    let parameters = Params::new(8192, 1, 1, None).expect("parameters");
    let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    let old = weaker.hash_password(PASSWORD.as_bytes()).expect("a hash");
    let old = old.to_string();
    let sql = app.sql().await;
    let update = "update admins set password_hash = $1";
    sql.execute(update, &[&old]).await.expect("a hash");

    let stored = "select password_hash from admins";
    let first = app.sign_in("ada@example.com", PASSWORD).await;
    let row = sql.query_one(stored, &[]).await.expect("a hash");
    let second = app.sign_in("ada@example.com", PASSWORD).await;

    let new: &str = row.get(0);
    assert_eq!((first.status, second.status), (200, 200));
    assert!(old.contains("m=8192,t=1,p=1"), "{old}");
    assert!(new.contains("m=19456,t=2,p=1"), "{new}");
}

#[tokio::test]
async fn a_bad_sign_in_body_is_reported_by_field_without_its_values() {
    let app = TestApp::start().await;
    let post = async |body: &Value| -> Answer {
        let request = app.admin_request(Method::POST, "/admin/v1/login");
        request.json(body).answer().await
    };

    for (body, fields) in [
        (json!({}), &["email", "password"][..]),
        (json!({"email": "a@example.com"}), &["password"]),
        (
            json!({"email": 1, "password": 424_242}),
            &["email", "password"],
        ),
        (
            json!({"email": "a@example.com", "password": PASSWORD, "otp": "1"}),
            &["otp"],
        ),
        (json!([]), &["body"]),
    ] {
        let answer = post(&body).await;

        let error = answer.error(422, "validation_error");
        let errors = error["details"]["errors"].as_array().expect("errors");
        assert_eq!(each(errors, "field"), fields, "{body}");
        assert!(!answer.text.contains("424242"), "{}", answer.text);
    }
}
