//! What pages show, and that nothing of it is taken for a page's own text.

use rubrica::domain::Role;

use crate::harness::TestApp;

const HOSTILE: &str = "<script>alert(1)</script>\"'&";

#[tokio::test]
async fn hostile_names_are_shown_as_what_they_are() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let created = app
        .submit(&operator, "companies/new", &[("name", HOSTILE)])
        .await;
    let company = created.header("location").replace("/console/", "");
    let form = [("name", HOSTILE), ("scope", "contacts:read")];
    let created = app
        .submit(&operator, &format!("{company}/keys/new"), &form)
        .await;
    let key = created.header("location").replace("/console/", "");

    let paths = [
        "companies".to_owned(),
        company.clone(),
        format!("{company}/settings"),
        format!("{company}/suspend"),
        format!("{company}/keys/new"),
        key.clone(),
        format!("{key}/edit"),
        format!("{key}/rotate"),
        format!("{key}/revoke"),
        "audit".to_owned(),
        "audit?actor=%3Cscript%3Ealert(1)%3C/script%3E%22&company=%22%3E%3Cscript%3E".to_owned(),
    ];
    for path in paths {
        let page = app.page(&operator, &path).await;
        assert!(page.status == 200 || page.status == 422, "{path}");
        assert!(!page.text.contains("<script>"), "{path}: {}", page.text);
        assert!(
            page.text.contains("&#60;script&#62;"),
            "{path}: {}",
            page.text
        );
    }
}

#[tokio::test]
async fn companies_are_listed_page_by_page() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    assert!(
        app.page(&operator, "companies")
            .await
            .text
            .contains("There is no company yet")
    );
    app.sql()
        .await
        .execute(
            "insert into companies (name) select 'company ' || n from generate_series(1, 60) as n",
            &[],
        )
        .await
        .expect("companies");

    let first = app.page(&operator, "companies").await.text;
    assert_eq!(first.matches("<th scope=\"row\">").count(), 50);
    let next = first
        .split("href=\"/console/")
        .find(|link| link.contains("Next page"));
    let next = next
        .and_then(|link| link.split('"').next())
        .expect("a link");
    let second = app.page(&operator, next).await.text;
    assert_eq!(second.matches("<th scope=\"row\">").count(), 10);
    assert!(!second.contains("Next page"));
}

#[tokio::test]
async fn a_company_is_suspended_after_a_question_and_resumed() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let tenant = app.tenant().await;
    let own = format!("companies/{}", tenant.company);
    let upsert = async || {
        let body = serde_json::json!({"email": "a@example.com"});
        app.upsert(&tenant.key, &body).await.status
    };

    let question = app.page(&operator, &format!("{own}/suspend")).await.text;
    assert!(question.contains("Suspend “Acme”?"));
    assert_eq!(
        app.submit(&operator, &format!("{own}/suspend"), &[])
            .await
            .status,
        303
    );
    assert_eq!(upsert().await, 403);
    assert!(app.page(&operator, &own).await.text.contains("suspended"));
    assert_eq!(
        app.submit(&operator, &format!("{own}/resume"), &[])
            .await
            .status,
        303
    );
    assert_eq!(upsert().await, 200);
}

#[tokio::test]
async fn settings_are_shown_as_they_are_and_saved() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let company = app.tenant().await.company;
    let path = format!("companies/{company}/settings");

    let form = [
        ("name", "Acme & Co"),
        ("phone_conflict", "skip"),
        ("email_conflict", "create"),
        ("consent_on_address_change", "reset"),
        ("phone_only_contacts", "yes"),
        ("rate_limit", "100/1s"),
    ];
    let saved = app.submit(&operator, &path, &form).await;

    assert_eq!(
        saved.header("location"),
        format!("/console/{path}?done=saved")
    );
    let page = app.page(&operator, &path).await.text;
    for chosen in ["skip", "create", "reset"] {
        let selected = format!("value=\"{chosen}\" selected");
        assert!(page.contains(&selected), "{chosen}: {page}");
    }
    assert!(page.contains("value=\"100/1s\""));
    assert!(page.contains("value=\"Acme &#38; Co\""));
    let ticked: Vec<&str> = page
        .split("<input")
        .filter(|input| input.contains(" checked"))
        .collect();
    assert_eq!(ticked.len(), 1, "{page}");
    assert!(ticked[0].contains("phone_only_contacts"));
    // A page of the release before does not send them.
    let older = [("name", "Acme"), ("phone_conflict", "skip")];
    assert_eq!(app.submit(&operator, &path, &older).await.status, 303);
    let page = app.page(&operator, &path).await.text;
    assert!(page.contains("value=\"create\" selected"), "{page}");
    let wrong = [older[0], older[1], ("email_conflict", "ignore")];
    let refused = app.submit(&operator, &path, &wrong).await;
    assert!(
        refused.text.contains("E-mail conflicts"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn an_administrator_is_invited_and_sets_a_password() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let operator = app.visiting_operator().await;
    let company = company.to_string();

    let form = [
        ("email", "new@example.com"),
        ("role", "company_admin"),
        ("company", &company),
    ];
    let invited = app.submit(&operator, "administrators/new", &form).await;
    assert_eq!(invited.status, 303, "{}", invited.text);
    let cookie = crate::harness::cookie(&invited, "__Host-rubrica-shown-once").expect("a cookie");
    let (_, token) = cookie
        .split_once(':')
        .or(cookie.split_once("%3A"))
        .expect("a token");
    let again = app.submit(&operator, "administrators/new", &form).await;
    assert_eq!(again.status, 422);
    assert!(again.text.contains("email-mistake"));

    let password = "a password of the invited";
    let accept = |password: &'static str| {
        let form = [
            ("token", token.to_owned()),
            ("password", password.to_owned()),
        ];
        app.console(reqwest::Method::POST, "/invitation")
            .header("sec-fetch-site", "same-origin")
            .form(&form)
    };
    let short = accept("short").send().await.expect("an answer");
    assert_eq!(short.status(), 422);
    let accepted = accept(password).send().await.expect("an answer");
    assert_eq!(accepted.status(), 303);
    let signed_in = app.console_sign_in("new@example.com", password).await;
    assert_eq!(signed_in.status, 303);
    let used = accept(password).send().await.expect("an answer");
    assert_eq!(used.status(), 422);
}

#[tokio::test]
async fn an_administrator_of_a_company_invites_to_their_own_alone() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let admin = app.visiting_admin(company).await;

    let form = [("email", "new@example.com"), ("role", "operator")];
    assert_eq!(
        app.submit(&admin, "administrators/new", &form).await.status,
        303
    );

    let email = rubrica::domain::Email::parse("new@example.com").expect("an address");
    let (administration, acting) = app.administration();
    let invited = administration.find_admin_by_email(&acting, &email).await;
    assert_eq!(
        invited.expect("they are invited").role,
        Role::CompanyAdmin(company)
    );
}

#[tokio::test]
async fn the_audit_log_is_filtered_and_says_what_became_of_what() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let company = app.tenant().await.company;
    let path = format!("companies/{company}/settings");
    let form = [("name", "Renamed"), ("phone_conflict", "reject")];
    app.submit(&operator, &path, &form).await;

    let page = app
        .page(&operator, "audit?action=company.update")
        .await
        .text;
    assert!(
        page.contains("<del>Acme</del> <ins>Renamed</ins>"),
        "{page}"
    );
    assert!(!page.contains("<th scope=\"row\">Key created"));
    let other = app.page(&operator, "audit?company=999").await;
    assert!(other.text.contains("widen the filters"), "{}", other.text);
    for day in ["yesterday", "-9999-01-01", "0000-01-01"] {
        let wrong = app.page(&operator, &format!("audit?from={day}")).await;
        assert_eq!(wrong.status, 422, "{day}");
    }
    let wrong = app.page(&operator, "audit?from=yesterday").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("from-mistake"));
    let nothing = app.page(&operator, "audit?to=2020-01-01").await;
    assert!(nothing.text.contains("widen the filters"));
}
