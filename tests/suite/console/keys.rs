//! Keys: creating, rotating and revoking them, and their one-time tokens.

use serde_json::json;

use crate::harness::{Answer, TestApp, Visitor, cookie, eventually, set_cookie};

const SHOWN_ONCE: &str = "__Host-rubrica-shown-once";
const NAME: [(&str, &str); 2] = [("name", "Shop"), ("scope", "contacts:write")];

/// The token on a page.
fn shown(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("id=\"secret\"")?;
    let (_, rest) = rest.split_once('>')?;
    rest.split('<').next().map(str::to_owned)
}

/// Follows a redirect to the page that shows a token.
async fn follow(app: &TestApp, visitor: &Visitor, answer: &Answer) -> Answer {
    assert_eq!(answer.status, 303, "{}", answer.text);
    let path = answer.header("location").replace("/console/", "");
    let once = cookie(answer, SHOWN_ONCE).expect("a cookie");
    let with_token = Visitor {
        cookie: format!("{}; {once}", visitor.cookie),
        ..visitor.clone()
    };
    app.page(&with_token, &path).await
}

#[tokio::test]
async fn a_token_works_is_shown_once_and_is_in_no_url() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let admin = app.visiting_admin(company).await;

    let path = format!("companies/{company}/keys/new");
    let created = app.submit(&admin, &path, &NAME).await;
    let page = follow(&app, &admin, &created).await;

    let token = shown(&page.text).expect("a token");
    assert!(!created.header("location").contains(&token));
    assert!(!created.text.contains(&token));
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(
        page.text
            .contains(&format!("http://{}/public/v1", app.address))
    );
    let once = set_cookie(&created, SHOWN_ONCE).expect("a cookie");
    for flag in ["HttpOnly", "Secure", "SameSite=Strict", "Max-Age=60"] {
        assert!(once.contains(flag), "{once}");
    }
    let taken_away = set_cookie(&page, SHOWN_ONCE).expect("it is taken away");
    assert!(taken_away.contains("Max-Age=0"), "{taken_away}");

    let path = created.header("location").replace("/console/", "");
    let again = app.page(&admin, &path).await;
    assert_eq!(again.status, 200);
    assert_eq!(shown(&again.text), None);
    let upsert = app.upsert(&token, &json!({"email": "a@example.com"})).await;
    assert_eq!(upsert.status, 200);
}

#[tokio::test]
async fn a_token_is_shown_only_on_the_page_of_its_key() {
    let app = TestApp::start().await;
    let other = app.tenant().await;
    let admin = app.visiting_admin(other.company).await;
    let path = format!("companies/{}/keys/new", other.company);
    let created = app.submit(&admin, &path, &NAME).await;

    let elsewhere = Visitor {
        cookie: format!(
            "{}; {}",
            admin.cookie,
            cookie(&created, SHOWN_ONCE).expect("a cookie")
        ),
        ..admin.clone()
    };
    let page = app
        .page(&elsewhere, &format!("keys/{}", other.client))
        .await;

    assert_eq!(page.status, 200);
    assert_eq!(shown(&page.text), None);
}

#[tokio::test]
async fn during_a_grace_period_both_keys_work_and_the_page_says_until_when() {
    let app = TestApp::start().await;
    let old = app.tenant().await;
    let admin = app.visiting_admin(old.company).await;

    let path = format!("keys/{}/rotate", old.client);
    let rotated = app.submit(&admin, &path, &[("grace", "1d")]).await;
    let new = shown(&follow(&app, &admin, &rotated).await.text).expect("a token");

    for key in [&old.key, &new] {
        let upsert = app.upsert(key, &json!({"email": "a@example.com"})).await;
        assert_eq!(upsert.status, 200);
    }
    let company = format!("companies/{}", old.company);
    let company = app.page(&admin, &company).await;
    assert!(company.text.contains("Rotating until "));
    let again = app.submit(&admin, &path, &[("grace", "1d")]).await;
    assert_eq!(again.status, 422);
    assert!(again.text.contains("id=\"grace-error\""), "{}", again.text);
    let page = rotated.header("location").replace("/console/", "");
    let page = app.page(&admin, &page).await.text;
    let notice = format!("Rotated. The old key mn-{}-… works until ", old.client);
    assert!(page.contains(&notice), "{page}");
    assert!(page.contains("<dt>Replaces</dt>"), "{page}");
    let too_long = app.submit(&admin, &path, &[("grace", "8d")]).await;
    assert_eq!(too_long.status, 422);
}

#[tokio::test]
async fn revoking_asks_for_the_name_and_then_the_key_is_refused() {
    let app = TestApp::start().await;
    let key = app.tenant().await;
    let admin = app.visiting_admin(key.company).await;
    let path = format!("keys/{}/revoke", key.client);

    let question = app.page(&admin, &path).await.text;
    assert!(question.contains("Revoke “a key”?"), "{question}");
    assert!(question.contains(&format!("mn-{}-", key.client)));

    assert_eq!(app.submit(&admin, &path, &[]).await.status, 303);
    let body = json!({"email": "a@example.com"});
    assert_eq!(app.upsert(&key.key, &body).await.status, 401);
    let page = app.page(&admin, &format!("keys/{}", key.client)).await.text;
    assert!(page.contains("Revoked"));
    assert!(!page.contains("/rotate"));
    assert!(page.contains("This key is revoked"), "{page}");
    assert!(!page.contains("within 30 seconds"), "{page}");
    let company = format!("companies/{}", key.company);
    assert!(
        !app.page(&admin, &company)
            .await
            .text
            .contains(key.client.as_str())
    );
    let all = format!("{company}?keys=all");
    assert!(
        app.page(&admin, &all)
            .await
            .text
            .contains(key.client.as_str())
    );
}

#[tokio::test]
async fn a_key_shows_its_limit_and_when_it_expires() {
    let limits = [
        ("rate_limit.limit", "700"),
        ("rate_limit.company_limit", "8000"),
    ];
    let app = TestApp::with_settings(&limits).await;
    let tenant = app.tenant().await;
    let operator = app.visiting_operator().await;
    let company = format!("companies/{}", tenant.company);
    let day = |days| {
        (rubrica::ambient::now() + time::Duration::days(days))
            .date()
            .to_string()
    };
    for (name, last_day) in [("Soon", day(3)), ("Late", day(60))] {
        let form = [
            ("name", name),
            ("scope", "contacts:read"),
            ("last_day", &last_day),
        ];
        let created = app
            .submit(&operator, &format!("{company}/keys/new"), &form)
            .await;
        assert_eq!(created.status, 303, "{}", created.text);
    }

    let page = app.page(&operator, &company).await.text;

    assert!(page.contains("700 per minute (default)"), "{page}");
    assert_eq!(page.matches("data-label=\"Expires\"").count(), 3, "{page}");
    assert_eq!(page.matches("badge soon").count(), 1, "{page}");
    let settings = app
        .page(&operator, &format!("{company}/settings"))
        .await
        .text;
    assert!(settings.contains("8,000 per minute"), "{settings}");
}

#[tokio::test]
async fn a_key_is_changed_in_name_scopes_and_limit() {
    let app = TestApp::start().await;
    let key = app.tenant().await;
    let operator = app.visiting_operator().await;
    let path = format!("keys/{}/edit", key.client);

    let form = [
        ("name", "Renamed"),
        ("scope", "contacts:read"),
        ("scope", "contacts:erase"),
        ("rate_limit", "5/60s"),
    ];
    assert_eq!(app.submit(&operator, &path, &form).await.status, 303);

    let page = app
        .page(&operator, &format!("keys/{}", key.client))
        .await
        .text;
    for text in ["Renamed", "contacts:erase", "5 per minute"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("contacts:write"));
    let form = [("name", "Renamed"), ("scope", "contacts:read")];
    assert_eq!(app.submit(&operator, &path, &form).await.status, 303);
    let page = app
        .page(&operator, &format!("keys/{}", key.client))
        .await
        .text;
    assert!(!page.contains("5 per minute"));
}

#[tokio::test]
async fn errors_in_a_form_are_shown_at_its_fields_and_create_nothing() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let operator = app.visiting_operator().await;

    let form = [
        ("name", " "),
        ("rate_limit", "many"),
        ("last_day", "2020-01-01"),
    ];
    let path = format!("companies/{company}/keys/new");
    let answer = app.submit(&operator, &path, &form).await;

    assert_eq!(answer.status, 422);
    for field in ["name", "scope", "rate_limit"] {
        let described = format!("{field}-error");
        let count = answer.text.matches(&described).count();
        // The message, and the field that it describes.
        assert_eq!(count, 2, "{field}: {}", answer.text);
        let link = format!("href=\"#{field}\"");
        assert!(answer.text.contains(&link), "{}", answer.text);
    }
    assert!(answer.text.contains("value=\"many\""));
    assert!(
        answer.text.contains(">Name: must have 1 to 200"),
        "{}",
        answer.text
    );
    assert!(
        answer.text.contains(">Must have 1 to 200"),
        "{}",
        answer.text
    );
    let past = [NAME[0], NAME[1], ("last_day", "2020-01-01")];
    let answer = app.submit(&operator, &path, &past).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("last_day-error"));
    assert!(answer.text.contains("Choose a date in the future."));
    assert_eq!(app.audit_events("key.create").await.len(), 1);
}

#[tokio::test]
async fn the_usage_of_a_key_is_a_chart_and_a_table() {
    let app = TestApp::with_settings(&[("usage.flush_interval", "100ms")]).await;
    let key = app.tenant_with_limit("3/60s").await;
    let admin = app.visiting_admin(key.company).await;
    let path = format!("keys/{}", key.client);
    assert!(app.page(&admin, &path).await.text.contains("No request in"));

    for email in ["a@example.com", "wrong", "b@example.com", "c@example.com"] {
        app.upsert(&key.key, &json!({"email": email})).await;
    }

    let page = async || app.page(&admin, &path).await.text;
    let page = eventually("usage", page, |page| page.contains("requests 4,")).await;
    assert!(
        page.contains("requests 4, rate-limited 1, errors 1"),
        "{page}"
    );
    assert!(page.contains("Figures as a table"));
    let week = app.page(&admin, &format!("{path}?range=week")).await.text;
    assert!(week.contains("requests 4,"));
    assert!(!page.contains("<dd>Never</dd>"));
}
