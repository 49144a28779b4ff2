//! The content of pages, and its escaping.

use rubrica::domain::Role;

use crate::harness::{SendAndRead, TestApp, Visitor};

const HOSTILE: &str = "<script>alert(1)</script>\"'&";

#[tokio::test]
async fn hostile_names_are_escaped() {
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
async fn companies_are_listed_in_pages() {
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
async fn a_company_is_suspended_after_confirmation_and_resumed() {
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
async fn settings_are_shown_and_saved() {
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
    // A page of the previous release does not send them.
    let older = [("name", "Acme"), ("phone_conflict", "skip")];
    assert_eq!(app.submit(&operator, &path, &older).await.status, 303);
    let page = app.page(&operator, &path).await.text;
    assert!(page.contains("value=\"create\" selected"), "{page}");
    let wrong = [older[0], older[1], ("email_conflict", "ignore")];
    let refused = app.submit(&operator, &path, &wrong).await;
    assert!(
        refused.text.contains("use replace, reject or create"),
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
    let page = app
        .visit(
            reqwest::Method::GET,
            &Visitor {
                cookie: format!("{}; {cookie}", operator.cookie),
                ..operator.clone()
            },
            &invited.header("location").replace("/console/", ""),
        )
        .answer()
        .await;
    let link = format!("http://{}/console/invitation#{token}<", app.address);
    assert!(page.text.contains(&link), "{}", page.text);
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
async fn a_pasted_invitation_link_is_accepted_as_its_code() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let form = [("email", "new@example.com"), ("role", "operator")];
    let invited = app.submit(&operator, "administrators/new", &form).await;
    let cookie = crate::harness::cookie(&invited, "__Host-rubrica-shown-once").expect("a cookie");
    let token = cookie.rsplit([':', '=']).next().expect("a token");
    let token = token.rsplit("%3A").next().expect("a token");

    let accepted = app
        .console(reqwest::Method::POST, "/invitation")
        .header("sec-fetch-site", "same-origin")
        .form(&[
            (
                "token",
                format!("https://rubrica.example/console/invitation#{token}").as_str(),
            ),
            ("password", "a password of the invited"),
        ])
        .answer()
        .await;

    assert_eq!(accepted.status, 303, "{}", accepted.text);
}

#[tokio::test]
async fn an_invitation_is_for_one_company_or_for_an_operator_but_not_both() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let company = app.tenant().await.company.to_string();
    let preset = app
        .page(&operator, &format!("administrators/new?company={company}"))
        .await;
    let settings = app
        .page(&operator, &format!("companies/{company}/settings"))
        .await;
    let link = format!("/console/administrators/new?company={company}\"");
    assert!(settings.text.contains(&link), "{}", settings.text);
    let choice = format!("<option value=\"{company}\" selected>Acme ({company})</option>");
    assert!(preset.text.contains(&choice), "{}", preset.text);

    for (role, of, message) in [
        (
            "operator",
            company.as_str(),
            "An operator manages all companies",
        ),
        ("company_admin", "", "Choose a company."),
        ("company_admin", "999", "Choose a company."),
        ("company_admin", "Acme", "Choose a company."),
    ] {
        let form = [
            ("email", "new@example.com"),
            ("role", role),
            ("company", of),
        ];
        let answer = app.submit(&operator, "administrators/new", &form).await;

        assert_eq!(answer.status, 422, "{role} {of}");
        assert!(answer.text.contains("company-mistake"), "{}", answer.text);
        assert!(answer.text.contains(message), "{}", answer.text);
    }
    assert_eq!(app.audit_events("admin.invite").await.len(), 0);
}

#[tokio::test]
async fn company_administrators_can_open_every_link_of_their_history() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let company = app.tenant().await.company;
    let admin = app.visiting_admin(company).await;
    let form = [("name", "Shop"), ("scope", "contacts:read")];
    for visitor in [&operator, &admin] {
        let path = format!("companies/{company}/keys/new");
        assert_eq!(app.submit(visitor, &path, &form).await.status, 303);
    }

    for path in ["audit".to_owned(), format!("companies/{company}/history")] {
        let page = app.page(&admin, &path).await.text;
        assert!(
            page.contains(&format!("admin-of-{company}@example.com")),
            "{page}"
        );
        assert!(!page.contains("operator@example.com"), "{page}");
        let links = page.split("href=\"/console/").skip(1);
        let links: Vec<&str> = links.filter_map(|link| link.split('"').next()).collect();
        let mut named = 0;
        for link in links {
            if ["administrators/", "keys/", "companies/"]
                .iter()
                .any(|it| link.starts_with(it))
            {
                named += 1;
                assert_eq!(app.page(&admin, link).await.status, 200, "{link}");
            }
        }
        assert!(named >= 4, "{page}");
    }
    let seen = app.page(&operator, "audit?action=key.create").await.text;
    for email in [
        "operator@example.com",
        &format!("admin-of-{company}@example.com"),
    ] {
        assert!(seen.contains(email), "{email}: {seen}");
    }
}

#[tokio::test]
async fn the_history_of_a_company_shows_only_its_events() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let (company, other) = (app.tenant().await.company, app.tenant().await.company);
    app.sql()
        .await
        .execute(
            "update companies set name = 'Other' where id = $1",
            &[&other.get()],
        )
        .await
        .expect("a name");

    let page = app
        .page(&operator, &format!("companies/{company}/history"))
        .await
        .text;

    assert!(page.contains("<h1><bdi>Acme</bdi></h1>"), "{page}");
    let tab = format!("href=\"/console/companies/{company}/history\" aria-current=\"page\"");
    assert!(page.contains(&tab), "{page}");
    assert!(!page.contains(&format!("company:{other}")), "{page}");
    let filtered = format!("companies/{company}/history?company={other}&action=key.create");
    let filtered = app.page(&operator, &filtered).await.text;
    assert_eq!(
        filtered.matches("<th scope=\"row\">").count(),
        1,
        "{filtered}"
    );
    assert!(
        !filtered.contains(&format!("/console/companies/{other}")),
        "{filtered}"
    );
}

#[tokio::test]
async fn an_error_page_keeps_the_navigation_of_a_session() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let tenant = app.tenant().await;
    let admin = app.visiting_admin(tenant.company).await;

    for (visitor, path, status) in [
        (&operator, "nothing/here", 404),
        (&operator, "companies/999", 404),
        (&operator, "companies/none", 404),
        (&operator, "keys/aaaaaaaaaaaa", 404),
        (&operator, "administrators?after=x", 400),
        (&operator, "administrators/1/enable", 405),
        (&admin, "companies/new", 403),
        (&admin, "companies/999", 404),
    ] {
        let page = app.page(visitor, path).await;

        assert_eq!(page.status, status, "{path}");
        for part in [
            "aria-label=\"Main\"",
            "Sign out",
            "action=\"/console/sign-out\"",
        ] {
            assert!(page.text.contains(part), "{path}: {}", page.text);
        }
    }
    let forged = Visitor {
        form_token: "0".to_owned(),
        ..operator.clone()
    };
    let forged = app.submit(&forged, "companies/new", &[("name", "A")]).await;
    assert_eq!(forged.status, 403);
    assert!(
        forged.text.contains("This page is out of date."),
        "{}",
        forged.text
    );
    assert!(forged.text.contains("Sign out"), "{}", forged.text);
    // An unauthenticated caller learns nothing.
    let stranger = app.console(reqwest::Method::GET, "/nothing").answer().await;
    assert_eq!(stranger.status, 404);
    assert!(!stranger.text.contains("Sign out"));
    assert!(!stranger.text.contains(env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn a_notice_has_the_style_of_its_result() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let tenant = app.tenant().await;
    let admin = app.company_admin(tenant.company).await.admin;
    let company = format!("companies/{}", tenant.company);
    let settings = [("name", "Acme"), ("phone_conflict", "reject")];

    for (path, form, tone) in [
        (format!("{company}/settings"), &settings[..], "good"),
        (format!("{company}/suspend"), &[], "caution"),
        (format!("{company}/resume"), &[], "good"),
        (format!("administrators/{admin}/disable"), &[], "caution"),
        (format!("administrators/{admin}/enable"), &[], "good"),
        (
            format!("keys/{}/rotate", tenant.client),
            &[("grace", "1d")],
            "good",
        ),
        (format!("keys/{}/revoke", tenant.client), &[], "caution"),
    ] {
        let done = app.submit(&operator, &path, form).await;
        assert_eq!(done.status, 303, "{path}: {}", done.text);
        let page = done.header("location").replace("/console/", "");
        let page = app.page(&operator, &page).await.text;
        let notice = format!("<p class=\"notice {tone}\" role=\"status\">");
        assert!(page.contains(&notice), "{path}: {page}");
    }
}

#[tokio::test]
async fn a_suspended_company_is_marked_on_all_its_pages() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let tenant = app.tenant().await;
    let own = format!("companies/{}", tenant.company);
    app.submit(&operator, &format!("{own}/suspend"), &[]).await;

    for path in [
        own.clone(),
        format!("{own}/settings"),
        format!("{own}/history"),
        format!("keys/{}", tenant.client),
    ] {
        let page = app.page(&operator, &path).await.text;
        assert!(page.contains(">Suspended</span>"), "{path}: {page}");
    }
    let page = app.page(&operator, &own).await.text;
    assert!(page.contains("Active (company suspended)"), "{page}");
    let page = app
        .page(&operator, &format!("keys/{}", tenant.client))
        .await
        .text;
    assert!(!page.contains("within 30 seconds"), "{page}");
}

#[tokio::test]
async fn company_administrators_invite_only_to_their_company() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let admin = app.visiting_admin(company).await;

    let form = [("email", "new@example.com"), ("role", "operator")];
    assert_eq!(
        app.submit(&admin, "administrators/new", &form).await.status,
        303
    );

    let email = rubrica::domain::Email::parse("new@example.com").expect("an address");
    let (administration, principal) = app.administration();
    let invited = administration.find_admin_by_email(&principal, &email).await;
    assert_eq!(
        invited.expect("they are invited").role,
        Role::CompanyAdmin(company)
    );
}

#[tokio::test]
async fn the_audit_log_is_filtered_and_shows_old_and_new_values() {
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
    assert!(other.text.contains("No events match"), "{}", other.text);
    for day in ["yesterday", "-9999-01-01", "0000-01-01"] {
        let wrong = app.page(&operator, &format!("audit?from={day}")).await;
        assert_eq!(wrong.status, 422, "{day}");
    }
    let wrong = app.page(&operator, "audit?from=yesterday").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("from-mistake"));
    let nothing = app.page(&operator, "audit?to=2020-01-01").await;
    assert!(nothing.text.contains("No events match"));
    let reversed = app
        .page(&operator, "audit?from=2026-02-01&to=2026-01-31")
        .await;
    assert_eq!(reversed.status, 422);
    assert!(reversed.text.contains("to-mistake"), "{}", reversed.text);
    let one_day = app
        .page(&operator, "audit?from=2026-02-01&to=2026-02-01")
        .await;
    assert_eq!(one_day.status, 200);
}
