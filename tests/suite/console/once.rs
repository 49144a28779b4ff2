//! A form takes effect once, however often it is sent.

use reqwest::Method;

use crate::harness::{Answer, SendAndRead, TestApp, Visitor, hidden, set_cookie};

const SHOWN_ONCE: &str = "__Host-rubrica-shown-once";

/// The values of a form.
type Values = Vec<(&'static str, String)>;

/// The values of each form that creates something, and the audit action it is recorded as.
fn forms(company: &str, client: &str, admin: &str) -> [(String, Values, &'static str); 5] {
    let text = str::to_owned;
    [
        (
            text("companies/new"),
            vec![("name", text("Twice"))],
            "company.create",
        ),
        (
            format!("companies/{company}/keys/new"),
            vec![("name", text("Twice")), ("scope", text("contacts:read"))],
            "key.create",
        ),
        (
            format!("keys/{client}/rotate"),
            vec![("grace", text("1d"))],
            "key.rotate",
        ),
        (
            text("administrators/new"),
            vec![
                ("email", text("twice@example.com")),
                ("role", text("company_admin")),
                ("company", company.to_owned()),
            ],
            "admin.invite",
        ),
        (
            format!("administrators/{admin}/invite"),
            Vec::new(),
            "admin.invite",
        ),
    ]
}

/// The form of a page, filled in, with all its hidden fields.
async fn filled_in(
    app: &TestApp,
    visitor: &Visitor,
    path: &str,
    values: &[(&'static str, String)],
) -> Values {
    let page = app.page(visitor, path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    let field = |name| (name, hidden(&page.text, name).expect("a hidden field"));
    [&[field("form_token"), field("form_id")], values].concat()
}

async fn send(app: &TestApp, visitor: &Visitor, path: &str, form: &[(&str, String)]) -> Answer {
    app.visit(Method::POST, visitor, path)
        .header("sec-fetch-site", "same-origin")
        .form(form)
        .answer()
        .await
}

/// The page that a response redirects to.
async fn follow(app: &TestApp, visitor: &Visitor, answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    let path = answer.header("location").replace("/console/", "");
    let page = app.page(visitor, &path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    page.text
}

fn without_query(location: &str) -> &str {
    location.split('?').next().unwrap_or_default()
}

#[tokio::test]
async fn a_resent_form_redirects_to_its_result_without_the_secret() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let tenant = app.tenant().await;
    let admin = app.company_admin(tenant.company).await.admin;
    let company = tenant.company.to_string();

    for (path, values, action) in forms(&company, tenant.client.as_str(), &admin) {
        let before = app.audit_events(action).await.len();
        let form = filled_in(&app, &operator, &path, &values).await;

        let first = send(&app, &operator, &path, &form).await;
        let second = send(&app, &operator, &path, &form).await;

        assert_eq!(app.audit_events(action).await.len(), before + 1, "{path}");
        assert_eq!(
            without_query(first.header("location")),
            without_query(second.header("location")),
            "{path}"
        );
        assert!(set_cookie(&second, SHOWN_ONCE).is_none(), "{path}");
        let page = follow(&app, &operator, &second).await;
        assert!(page.contains("This form was sent before"), "{path}: {page}");
        assert!(page.contains("class=\"notice caution\""), "{path}: {page}");
        let page = follow(&app, &operator, &first).await;
        assert!(
            !page.contains("This form was sent before"),
            "{path}: {page}"
        );
    }
}

#[tokio::test]
async fn a_form_sent_to_two_replicas_concurrently_takes_effect_once() {
    let app = TestApp::start().await;
    let other = app.replica(&[]).await;
    let operator = app.visiting_operator().await;
    let tenant = app.tenant().await;
    let admin = app.company_admin(tenant.company).await.admin;
    let company = tenant.company.to_string();

    for (path, values, action) in forms(&company, tenant.client.as_str(), &admin) {
        let before = app.audit_events(action).await.len();
        let form = filled_in(&app, &operator, &path, &values).await;

        let sent = (0..8).map(|index| {
            let replica = if index % 2 == 0 { &app } else { &other };
            send(replica, &operator, &path, &form)
        });
        let answers = futures_util::future::join_all(sent).await;

        assert_eq!(app.audit_events(action).await.len(), before + 1, "{path}");
        for answer in &answers {
            assert_eq!(answer.status, 303, "{path}: {}", answer.text);
            assert_eq!(
                without_query(answer.header("location")),
                without_query(answers[0].header("location")),
                "{path}"
            );
        }
        let with_secret = answers
            .iter()
            .filter(|answer| set_cookie(answer, SHOWN_ONCE).is_some());
        let secrets = usize::from(action != "company.create");
        assert_eq!(with_secret.count(), secrets, "{path}");
    }
}

#[tokio::test]
async fn a_form_with_an_error_can_be_sent_again() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let taken = ("email", "operator@example.com".to_owned());
    let operator_role = ("role", "operator".to_owned());
    let path = "administrators/new";
    let mut form = filled_in(&app, &operator, path, &[operator_role, taken]).await;

    let refused = send(&app, &operator, path, &form).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    form.last_mut().expect("an address").1 = "free@example.com".to_owned();
    let invited = send(&app, &operator, path, &form).await;

    assert_eq!(invited.status, 303, "{}", invited.text);
    assert!(set_cookie(&invited, SHOWN_ONCE).is_some());
}

#[tokio::test]
async fn each_page_view_has_its_own_form_id_and_administrators_share_none() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let company = app.tenant().await.company;
    let admin = app.visiting_admin(company).await;
    let path = format!("companies/{company}/keys/new");
    let values = [
        ("name", "Shop".to_owned()),
        ("scope", "contacts:read".to_owned()),
    ];

    let first = filled_in(&app, &operator, &path, &values).await;
    let second = filled_in(&app, &operator, &path, &values).await;
    assert_ne!(first[1], second[1]);
    // The id is bound to its administrator.
    let mut others = filled_in(&app, &admin, &path, &values).await;
    others[1] = first[1].clone();

    for (visitor, form) in [(&operator, &first), (&operator, &second), (&admin, &others)] {
        let created = send(&app, visitor, &path, form).await;
        assert!(
            set_cookie(&created, SHOWN_ONCE).is_some(),
            "{}",
            created.text
        );
    }
    let mut broken = first.clone();
    broken[1].1 = "no id".to_owned();
    assert_eq!(send(&app, &operator, &path, &broken).await.status, 400);
}
