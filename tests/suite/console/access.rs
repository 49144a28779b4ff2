//! Permissions by role and by company.

use reqwest::Method;

use crate::harness::{SendAndRead, TestApp};

/// Pages that need no session.
const OPEN: [&str; 5] = [
    "/sign-in",
    "/oidc",
    "/oidc/callback",
    "/invitation",
    "/assets/{version}/{file}",
];

#[tokio::test]
async fn every_other_page_redirects_to_the_sign_in_without_a_session() {
    let app = TestApp::start().await;

    for path in super::paths() {
        if OPEN.contains(&path.as_str()) {
            continue;
        }
        let path = path
            .replace("{id}", "1")
            .replace("{client}", "aaaaaaaaaaaa");
        for method in [Method::GET, Method::POST] {
            let request = app.console(method, &path);
            let answer = request.header("sec-fetch-site", "same-origin").answer();
            let answer = answer.await;
            if answer.status == 405 {
                continue;
            }
            assert_eq!(answer.status, 303, "{path}: {}", answer.text);
            let location = answer.header("location");
            assert!(location.starts_with("/console/sign-in"), "{location}");
        }
    }
}

#[tokio::test]
async fn pages_of_another_company_are_not_found() {
    let app = TestApp::start().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let admin = app.visiting_admin(own.company).await;
    let of_another = app.company_admin(other.company).await.admin;

    let paths = [
        format!("companies/{}", other.company),
        format!("companies/{}/settings", other.company),
        format!("companies/{}/suspend", other.company),
        format!("companies/{}/keys/new", other.company),
        format!("keys/{}", other.client),
        format!("keys/{}/edit", other.client),
        format!("keys/{}/rotate", other.client),
        format!("keys/{}/revoke", other.client),
        format!("administrators/{of_another}"),
        format!("administrators/{of_another}/disable"),
        format!("audit?company={}", other.company),
    ];
    for path in paths {
        let answer = app.page(&admin, &path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
    let own_name = [("name", "Taken over")];
    let forms = [
        (format!("companies/{}/settings", other.company), own_name),
        (format!("companies/{}/keys/new", other.company), own_name),
        (format!("keys/{}/edit", other.client), own_name),
        (format!("keys/{}/rotate", other.client), [("grace", "0d")]),
        (format!("keys/{}/revoke", other.client), own_name),
        (format!("companies/{}/suspend", other.company), own_name),
        (format!("companies/{}/resume", other.company), own_name),
        (format!("administrators/{of_another}/disable"), own_name),
        (format!("administrators/{of_another}/enable"), own_name),
        (format!("administrators/{of_another}/invite"), own_name),
    ];
    for (path, form) in forms {
        let answer = app.submit(&admin, &path, &form).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
    let body = serde_json::json!({"email": "a@example.com"});
    assert_eq!(app.upsert(&other.key, &body).await.status, 200);
}

#[tokio::test]
async fn company_administrators_start_at_their_company_and_see_no_other() {
    let app = TestApp::start().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let admin = app.visiting_admin(own.company).await;

    let home = app.page(&admin, "").await;
    assert_eq!(
        home.header("location"),
        format!("/console/companies/{}", own.company)
    );
    let companies = app.page(&admin, "companies").await.text;
    assert!(companies.contains(&format!("/console/companies/{}\"", own.company)));
    assert!(!companies.contains(&format!("/console/companies/{}\"", other.company)));
}

#[tokio::test]
async fn pages_for_operators_are_refused_to_others_with_the_reason() {
    let app = TestApp::start().await;
    let own = app.tenant().await;
    let admin = app.visiting_admin(own.company).await;
    let suspend = format!("companies/{}/suspend", own.company);

    for path in ["companies/new", &suspend] {
        let answer = app.page(&admin, path).await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.text.contains("nly operators"), "{}", answer.text);
        let answer = app.submit(&admin, path, &[("name", "Mine")]).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    let settings = format!("companies/{}/settings", own.company);
    assert!(
        !app.page(&admin, &settings)
            .await
            .text
            .contains("rate_limit")
    );
    // If the field is sent nevertheless, everything but the limit changes.
    let form = [
        ("name", "Renamed"),
        ("phone_conflict", "skip"),
        ("rate_limit", "1000000/1s"),
    ];
    assert_eq!(app.submit(&admin, &settings, &form).await.status, 303);
    let events = app.audit_events("company.update").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["after"]["name"], "Renamed");
    assert_eq!(events[0]["after"]["rateLimit"], serde_json::Value::Null);
}

#[tokio::test]
async fn the_console_is_served_on_the_port_of_the_admin_api() {
    let app = TestApp::with_settings(&[("admin.listen", "127.0.0.1:0")]).await;

    assert_eq!(
        app.console(Method::GET, "/sign-in").answer().await.status,
        200
    );
    let public = app.request(Method::GET, "/console/sign-in").answer().await;
    public.error(404, "not_found");
}
