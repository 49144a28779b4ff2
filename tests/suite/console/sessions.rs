//! Signing in, sessions, and signing out.

use reqwest::Method;

use crate::harness::{PASSWORD, SendAndRead, TestApp, set_cookie};

const NEW_PASSWORD: &str = "another horse battery staple";

#[tokio::test]
async fn a_failed_sign_in_does_not_say_what_was_wrong() {
    let app = TestApp::start().await;
    app.operator().await;

    let known = app.console_sign_in("operator@example.com", "wrong").await;
    let unknown = app.console_sign_in("nobody@example.com", PASSWORD).await;

    for answer in [&known, &unknown] {
        assert_eq!(answer.status, 401);
        assert!(
            answer
                .text
                .contains("The e-mail address or the password is wrong.")
        );
        assert!(set_cookie(answer, "__Host-rubrica-session").is_none());
        assert!(!answer.text.contains(PASSWORD));
    }
    assert_eq!(
        known.text.replace("operator@example.com", ""),
        unknown.text.replace("nobody@example.com", "")
    );
}

#[tokio::test]
async fn too_many_sign_ins_get_the_time_to_wait() {
    let app = TestApp::with_settings(&[("admin.sign_in_limit", "2")]).await;
    app.operator().await;

    let mut last = app.console_sign_in("operator@example.com", "wrong").await;
    for _ in 0..2 {
        last = app.console_sign_in("operator@example.com", "wrong").await;
    }

    assert_eq!(last.status, 429);
    assert!(
        last.text.contains("Too many attempts. Try again in "),
        "{}",
        last.text
    );
    assert!(last.header("retry-after").parse::<u64>().expect("seconds") >= 1);
}

#[tokio::test]
async fn sign_in_returns_to_the_requested_page_and_never_to_another_site() {
    let app = TestApp::start().await;
    app.operator().await;
    let wanted = app.console(Method::GET, "/audit").answer().await;
    assert_eq!(
        wanted.header("location"),
        "/console/sign-in?next=/console/audit"
    );

    let wanted = app.console(Method::GET, "/audit?company=2&to=2026-01-31");
    let wanted = wanted.answer().await;
    assert_eq!(
        wanted.header("location"),
        "/console/sign-in?next=/console/audit%3Fcompany%3D2%26to%3D2026-01-31"
    );

    for (next, expected) in [
        ("/console/audit", "/console/audit"),
        (
            "/console/audit?company=2&to=2026-01-31",
            "/console/audit?company=2&to=2026-01-31",
        ),
        (
            "/console/audit?next=https://evil.example",
            "/console/audit?next=https://evil.example",
        ),
        ("/console?next=/console/audit", "/console"),
        ("/\\evil.example?/console/", "/console"),
        ("", "/console"),
        ("https://evil.example/", "/console"),
        ("//evil.example", "/console"),
        ("/console/../../evil", "/console"),
        ("/console/\r\nset-cookie: a=b", "/console"),
    ] {
        let answer = app
            .console(Method::POST, "/sign-in")
            .header("sec-fetch-site", "same-origin")
            .form(&[
                ("email", "operator@example.com"),
                ("password", PASSWORD),
                ("next", next),
            ])
            .answer()
            .await;
        assert_eq!(answer.header("location"), expected, "{next}");
    }
}

#[tokio::test]
async fn a_link_from_another_site_keeps_the_session() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;

    // The browser does not send the cookie.
    let arrival = app
        .console(Method::GET, "/audit")
        .header("sec-fetch-site", "cross-site")
        .answer()
        .await;
    assert_eq!(arrival.status, 200);
    let path = "sign-in?next=/console/audit";
    assert!(arrival.text.contains(&format!("url=/console/{path}")));

    // The browser sends it with the next request of the page.
    let answer = app.page(&operator, path).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/console/audit");
}

#[tokio::test]
async fn the_cookie_is_invalid_after_signing_out() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;

    let answer = app.submit(&operator, "sign-out", &[]).await;

    assert_eq!(answer.status, 303);
    let cookie = set_cookie(&answer, "__Host-rubrica-session").expect("it is taken away");
    assert!(cookie.contains("Max-Age=0"), "{cookie}");
    let later = app.page(&operator, "companies").await;
    assert_eq!(later.status, 303);
    let page = app.page(&operator, "sign-in").await;
    assert!(page.text.contains("Your session has ended"));
    assert!(page.text.contains("class=\"notice caution\""));
    assert_eq!(app.audit_events("admin.sign_out").await.len(), 1);
}

#[tokio::test]
async fn a_session_whose_token_was_used_at_the_admin_api_ends_at_the_next_page() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let (_, token) = operator.cookie.split_once('=').expect("a value");
    let stolen = app.refresh(token).await;
    assert_eq!(stolen.status, 200);

    assert_eq!(app.page(&operator, "companies").await.status, 303);

    let stolen = stolen.json();
    let access_token = stolen["accessToken"].as_str().expect("a token");
    app.me(access_token).await.error(401, "unauthorized");
    let refresh_token = stolen["refreshToken"].as_str().expect("a token");
    app.refresh(refresh_token).await.error(401, "unauthorized");
    let events = app.audit_events("admin.refresh_token_reused").await;
    assert_eq!(events.len(), 1);
}

#[tokio::test]
async fn a_form_sent_after_the_session_expired_leads_back_to_its_page() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let company = app.tenant().await.company;
    app.submit(&operator, "sign-out", &[]).await;
    let form = [("name", "Lost"), ("scope", "contacts:read")];
    let new_key = format!("companies/{company}/keys/new");
    let next_key = format!("next=/console/{new_key}");

    for (path, referer, next) in [
        (new_key.clone(), None, next_key.as_str()),
        (
            format!("{new_key}?from=list"),
            None,
            &format!("{next_key}%3Ffrom%3Dlist"),
        ),
        (
            format!("companies/{company}/resume"),
            None,
            &format!("next=/console/companies/{company}/settings"),
        ),
        (
            "administrators/1/invite".to_owned(),
            Some("/console/administrators/1?done=enabled"),
            "next=/console/administrators/1%3Fdone%3Denabled",
        ),
        (
            new_key.clone(),
            Some("//evil.example/console/audit"),
            &next_key,
        ),
        (new_key.clone(), Some("/docs/"), &next_key),
    ] {
        let mut request = app
            .visit(Method::POST, &operator, &path)
            .header("sec-fetch-site", "same-origin")
            .form(&form);
        if let Some(referer) = referer {
            let host = if referer.starts_with("//") {
                "http:".to_owned()
            } else {
                format!("http://{}", app.address)
            };
            request = request.header("referer", format!("{host}{referer}"));
        }
        let late = request.answer().await;

        assert_eq!(late.status, 303, "{path}");
        let location = format!("/console/sign-in?{next}&done=unsaved");
        assert_eq!(late.header("location"), location, "{path}");
        let page = app
            .page(&operator, &location.replace("/console/", ""))
            .await;
        let words = "Your session ended. Sign in to continue; nothing was saved.";
        assert!(page.text.contains(words), "{}", page.text);
        assert!(page.text.contains("class=\"notice caution\""));
    }
    assert_eq!(app.audit_events("key.create").await.len(), 1);
}

#[tokio::test]
async fn signing_out_of_an_expired_session_succeeds() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let sign_out = app.submit(&operator, "sign-out", &[]).await;
    assert_eq!(sign_out.status, 303);

    let late = app.submit(&operator, "sign-out", &[]).await;

    assert_eq!(late.header("location"), "/console/sign-in");
}

#[tokio::test]
async fn an_exhausted_limit_of_the_address_does_not_prevent_signing_out() {
    let app = TestApp::with_settings(&[("auth.failure_limit", "3")]).await;
    let operator = app.visiting_operator().await;
    for _ in 0..4 {
        app.refresh("no token").await;
    }

    let answer = app.submit(&operator, "sign-out", &[]).await;

    assert_eq!(answer.status, 303, "{}", answer.text);
    assert_eq!(app.page(&operator, "companies").await.status, 303);
}

#[tokio::test]
async fn a_disabled_administrator_is_signed_out_at_the_next_page() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let company = app.tenant().await.company;
    let admin = app.visiting_admin(company).await;
    let id = app.audit_events("admin.sign_in").await;
    let id = id.last().expect("it is recorded")["subject"].clone();
    let id = id.as_str().expect("a text").replace("admin:", "");

    let path = format!("administrators/{id}/disable");
    assert_eq!(app.submit(&operator, &path, &[]).await.status, 303);

    assert_eq!(app.page(&admin, "audit").await.status, 303);
    let page = app.page(&operator, &format!("administrators/{id}")).await;
    assert!(page.text.contains("Disabled"));
}

#[tokio::test]
async fn changing_the_own_password_needs_the_current_one() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;

    let wrong = [("current", "wrong"), ("new", NEW_PASSWORD)];
    let answer = app.submit(&operator, "account", &wrong).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("id=\"current-error\""));
    let short = [("current", PASSWORD), ("new", "short")];
    let answer = app.submit(&operator, "account", &short).await;
    assert_eq!(answer.status, 422);
    assert!(!answer.text.contains(PASSWORD));

    let right = [("current", PASSWORD), ("new", NEW_PASSWORD)];
    assert_eq!(app.submit(&operator, "account", &right).await.status, 303);
    assert_eq!(app.page(&operator, "companies").await.status, 303);
    let answer = app.console_sign_in("operator@example.com", NEW_PASSWORD);
    assert_eq!(answer.await.status, 303);
}
