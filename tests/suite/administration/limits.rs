//! Rate limits of administrators and of unauthenticated callers.

use reqwest::Method;
use rubrica::domain::Role;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, SendAndRead, Session, TestApp};

const TRUSTING: (&str, &str) = ("http.trusted_proxies", "127.0.0.0/8");

/// A sign-in from an address that a trusted proxy reports.
async fn sign_in_from(app: &TestApp, address: &str, email: &str, password: &str) -> Answer {
    let request = app.admin_request(reqwest::Method::POST, "/admin/v1/login");
    let request = request.header("x-forwarded-for", address);
    let body = json!({"email": email, "password": password});
    request.json(&body).answer().await
}

#[tokio::test]
async fn guesses_from_one_address_do_not_lock_out_an_administrator_at_another() {
    let app = TestApp::with_settings(&[TRUSTING, ("admin.sign_in_limit", "3")]).await;
    app.admin("ada@example.com", Role::Operator).await;
    app.admin("bob@example.com", Role::Operator).await;

    for _ in 0..3 {
        let guess = sign_in_from(&app, "192.0.2.1", "ada@example.com", "a wrong guess").await;
        guess.error(401, "unauthorized");
    }
    let limited = sign_in_from(&app, "192.0.2.1", " ADA@example.com", PASSWORD).await;
    let elsewhere = sign_in_from(&app, "192.0.2.2", "ada@example.com", PASSWORD).await;
    let another = sign_in_from(&app, "192.0.2.1", "bob@example.com", PASSWORD).await;

    let error = limited.error(429, "rate_limit_exceeded");
    let wait: u64 = limited.header("retry-after").parse().unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    let details = json!({"limit": 3, "windowSeconds": 900, "retryAfterSeconds": wait});
    assert_eq!(error["details"], details);
    assert_eq!(elsewhere.status, 200);
    assert_eq!(another.status, 200);
    let events = app.audit_events_until("admin.sign_in_limited", 1).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["subject"], "admin:1");
    assert_eq!(events[0]["client_address"], "192.0.2.1");
}

#[tokio::test]
async fn an_unknown_account_is_limited_like_a_known_one() {
    let app = TestApp::with_settings(&[("admin.sign_in_limit", "2")]).await;

    for email in ["nobody@example.com", "no address"] {
        for status in [401, 401, 429] {
            assert_eq!(app.sign_in(email, PASSWORD).await.status, status, "{email}");
        }
    }
}

#[tokio::test]
async fn a_successful_sign_in_resets_the_count_of_failures() {
    let app = TestApp::with_settings(&[("admin.sign_in_limit", "3")]).await;
    app.admin("ada@example.com", Role::Operator).await;

    for _ in 0..4 {
        let mistake = app.sign_in("ada@example.com", "a wrong guess").await;
        assert_eq!(mistake.status, 401);
        let right = app.sign_in("ada@example.com", PASSWORD).await;
        assert_eq!(right.status, 200);
    }
}

#[tokio::test]
async fn the_limit_of_an_address_covers_all_accounts_and_all_sessionless_calls() {
    let settings = [
        TRUSTING,
        ("auth.failure_limit", "5"),
        ("auth.failure_window", "24h"),
    ];
    let app = TestApp::with_settings(&settings).await;
    app.admin("ada@example.com", Role::Operator).await;
    let post = async |address: &str, path: &str, body: &serde_json::Value| {
        let request = app.admin_request(reqwest::Method::POST, &format!("/admin/v1/{path}"));
        let request = request.header("x-forwarded-for", address.to_owned());
        request.json(body).answer().await.status
    };
    let token = json!({"refreshToken": "unknown"});
    let invitation = json!({"token": "unknown", "password": PASSWORD});

    let used = [
        sign_in_from(&app, "192.0.2.1", "a@example.com", PASSWORD)
            .await
            .status,
        sign_in_from(&app, "192.0.2.1", "b@example.com", PASSWORD)
            .await
            .status,
        post("192.0.2.1", "refresh", &token).await,
        post("192.0.2.1", "logout", &token).await,
        post("192.0.2.1", "accept-invitation", &invitation).await,
    ];
    assert_eq!(used, [401, 401, 401, 204, 422]);

    for (path, body) in [
        ("refresh", &token),
        ("logout", &token),
        ("accept-invitation", &invitation),
    ] {
        assert_eq!(post("192.0.2.1", path, body).await, 429, "{path}");
    }
    let limited = sign_in_from(&app, "192.0.2.1", "ada@example.com", PASSWORD).await;
    limited.error(429, "rate_limit_exceeded");
    let elsewhere = sign_in_from(&app, "2001:db8::1", "ada@example.com", PASSWORD).await;
    assert_eq!(elsewhere.status, 200);
}

#[tokio::test]
async fn bad_access_tokens_are_limited_by_address_and_never_block_a_good_one() {
    let settings = [("auth.failure_limit", "3"), ("auth.failure_window", "24h")];
    let app = TestApp::with_settings(&settings).await;
    let session = app.operator().await;

    for status in [401, 401, 401, 429, 429] {
        assert_eq!(app.me("bad").await.status, status);
    }
    assert_eq!(app.me(&session.access_token).await.status, 200);
}

#[tokio::test]
async fn each_administrator_has_a_rate_limit_that_every_response_reports() {
    let settings = [
        ("admin.rate_limit", "2"),
        ("admin.rate_limit_window", "24h"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let operator = app.operator().await;
    let company = app.tenant().await.company;
    let other = app.company_admin(company).await;

    for left in ["1", "0"] {
        let answer = app.me(&operator.access_token).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-limit"), "2");
        assert_eq!(answer.header("x-ratelimit-remaining"), left);
        assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=2;w=86400");
    }
    let refused = app.me(&operator.access_token).await;

    refused.error(429, "rate_limit_exceeded");
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(app.me(&other.access_token).await.status, 200);
}

#[tokio::test]
async fn invitations_of_existing_accounts_by_company_administrators_are_limited() {
    let app = TestApp::with_settings(&[("admin.sign_in_limit", "3")]).await;
    let company = app.tenant().await.company;
    let (admin, operator) = (app.company_admin(company).await, app.operator().await);
    let invite = async |session: &Session, email: &str| {
        let body = json!({"email": email, "role": "company_admin",
            "companyId": company.to_string()});
        app.admin_post(session, "admins", &body).await
    };

    for _ in 0..3 {
        let taken = invite(&admin, &operator.email).await;
        taken.error(409, "duplicate_resource");
    }
    let limited = invite(&admin, "new@example.com").await;

    limited.error(429, "rate_limit_exceeded");
    for _ in 0..4 {
        let taken = invite(&operator, &admin.email).await;
        taken.error(409, "duplicate_resource");
    }
}

#[tokio::test]
async fn guesses_are_counted_across_addresses_and_successful_sign_ins() {
    let app = TestApp::with_settings(&[("admin.sign_in_limit", "3"), TRUSTING]).await;
    let company = app.tenant().await.company;
    let (admin, operator) = (app.company_admin(company).await, app.operator().await);
    let invite = async |number: usize, email: &str| {
        let body = json!({"email": email, "role": "company_admin",
            "companyId": company.to_string()});
        let request = app.admin_call(Method::POST, &admin, "admins");
        let request = request.header("x-forwarded-for", format!("192.0.2.{number}"));
        request.json(&body).answer().await
    };

    for number in 0..3 {
        let well = invite(number, &format!("colleague-{number}@example.com")).await;
        assert_eq!(well.status, 201, "{}", well.text);
        let taken = invite(100 + number, &operator.email).await;
        taken.error(409, "duplicate_resource");
    }

    let limited = invite(200, &operator.email).await;
    limited.error(429, "rate_limit_exceeded");
}

#[tokio::test]
async fn successful_invitations_are_not_limited() {
    let app = TestApp::with_settings(&[("admin.sign_in_limit", "3")]).await;
    let company = app.tenant().await.company;
    let admin = app.company_admin(company).await;

    for number in 0..5 {
        let body = json!({"email": format!("colleague-{number}@example.com"),
            "role": "company_admin", "companyId": company.to_string()});
        let invited = app.admin_post(&admin, "admins", &body).await;
        assert_eq!(invited.status, 201, "{}", invited.text);
    }
}
