//! Forged forms change nothing.

use reqwest::Method;

use crate::harness::{SendAndRead, TestApp, Visitor};

const FORM: [(&str, &str); 1] = [("name", "Forged")];

async fn companies(app: &TestApp, visitor: &Visitor) -> bool {
    let page = app.page(visitor, "companies").await.text;
    page.contains("Forged")
}

#[tokio::test]
async fn a_cross_site_form_is_refused_even_with_valid_tokens() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let host = app.address.to_string();
    let (own, other) = (format!("http://{host}"), "http://evil.example".to_owned());

    let refused: [&[(&str, &str)]; 6] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", &other)],
        &[("origin", "null")],
    ];
    for headers in refused {
        let mut request = app.visit(Method::POST, &operator, "companies/new");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let form = [FORM[0], ("form_token", &operator.form_token)];
        let answer = request.form(&form).answer().await;
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    assert!(!companies(&app, &operator).await);

    let answer = app
        .visit(Method::POST, &operator, "companies/new")
        .header("origin", own)
        .form(&[FORM[0], ("form_token", &operator.form_token)])
        .answer()
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert!(companies(&app, &operator).await);
}

#[tokio::test]
async fn a_form_without_the_token_of_its_own_session_is_refused() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let operator = app.visiting_operator().await;
    let other = app.visiting_admin(company).await;

    for token in ["", "0", &other.form_token] {
        let forged = Visitor {
            form_token: token.to_owned(),
            ..operator.clone()
        };
        let answer = app.submit(&forged, "companies/new", &FORM).await;
        assert_eq!(answer.status, 403, "{token}");
    }
    assert!(!companies(&app, &operator).await);
}

#[tokio::test]
async fn a_cross_site_form_cannot_sign_anybody_in() {
    let app = TestApp::start().await;
    app.operator().await;

    let answer = app
        .console(Method::POST, "/sign-in")
        .header("sec-fetch-site", "cross-site")
        .form(&[
            ("email", "operator@example.com"),
            ("password", crate::harness::PASSWORD),
        ])
        .answer()
        .await;

    assert_eq!(answer.status, 403);
    assert!(!answer.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn reading_a_page_changes_nothing() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let key = app.tenant().await;

    for path in ["revoke", "rotate", "edit"] {
        let path = format!("keys/{}/{path}", key.client);
        assert_eq!(app.page(&operator, &path).await.status, 200);
    }
    assert_eq!(app.audit_events("key.revoke").await.len(), 0);
    assert_eq!(app.audit_events("key.rotate").await.len(), 0);
}
