//! The console in a browser: on a desktop and on a phone, in light and in dark mode. These tests need
//! Chromium, its driver and axe-core, which `make check-console` installs.

mod chromium;

use std::net::TcpListener;

use jsonwebtoken::Algorithm;
use rubrica::domain::Role;
use serde_json::{Value, json};
use thirtyfour::Key;

use self::chromium::{
    Browser, DESK, DESK_AT_NIGHT, EMAIL, NARROW, PHONE, PHONE_BY_DAY, Screen, TABLET, WIDE,
};
use crate::harness::{Issuer, PASSWORD, TestApp, eventually};

async fn upsert(app: &TestApp, key: &str) -> u16 {
    let body = json!({"email": "jane@example.com"});
    app.upsert(key, &body).await.status
}

/// Creates, copies, uses, rotates and revokes a key.
async fn live_the_life_of_a_key(screen: Screen) {
    let app = TestApp::with_settings(&[("usage.flush_interval", "100ms")]).await;
    app.admin(EMAIL, Role::Operator).await;
    let browser = Browser::open(&app, screen).await;
    browser.sign_in().await;
    browser.inspect("companies-none").await;

    browser.follow("a.button.primary").await;
    browser.fill("#name", "Acme Coffee").await;
    browser.follow("main button.primary").await;
    browser.inspect("company-without-keys").await;
    browser.follow("a.button.primary").await;
    browser.inspect("key-new").await;
    browser.fill("#name", "Shop, production").await;
    browser.follow("main button.primary").await;

    // The copied token is the one on the page, and it works.
    let token = browser.text("#secret").await;
    browser.inspect("key-created").await;
    let copy = browser.find("[data-copy-source]").await;
    copy.click().await.expect("it is clicked");
    let copied = async || browser.text("#copied").await;
    eventually("the copy", copied, |text| text == "Copied.").await;
    let copied = browser
        .driver
        .execute_async(
            "const done = arguments[0]; navigator.clipboard.readText().then(done, e => done(String(e)))",
            Vec::new(),
        )
        .await
        .expect("a clipboard");
    assert_eq!(copied.json(), &json!(token));
    assert_eq!(upsert(&app, &token).await, 200);

    // A reload neither shows the token again nor creates another key.
    browser.driver.refresh().await.expect("a reload");
    assert_eq!(
        browser
            .script("return document.getElementById('secret')")
            .await,
        Value::Null
    );
    let usage = async || {
        browser.driver.refresh().await.expect("a reload");
        browser.text("figure, .empty").await
    };
    eventually("usage", usage, |text| text.contains("Succeeded 1")).await;
    browser.inspect("key-used").await;
    browser
        .find("summary")
        .await
        .click()
        .await
        .expect("it opens");
    browser.inspect("key-figures").await;

    let client = browser.path().await;
    browser.follow_link("Rotate…").await;
    browser.inspect("key-rotate").await;
    browser.follow("main button.primary").await;
    let successor = browser.text("#secret").await;
    assert_ne!(successor, token);
    for key in [&token, &successor] {
        assert_eq!(upsert(&app, key).await, 200);
    }
    browser.go("/console/companies/1").await;
    browser.inspect("company").await;

    browser.go(&client).await;
    browser.follow_link("Revoke…").await;
    assert!(browser.text("h1").await.contains("Shop, production"));
    browser.inspect("key-revoke").await;
    browser.follow("main button.danger").await;
    browser.inspect("key-revoked").await;
    assert_eq!(upsert(&app, &token).await, 401);
    assert_eq!(upsert(&app, &successor).await, 200);

    browser.follow("header .who button").await;
    assert_eq!(browser.path().await, "/console/sign-in");
    browser.go("/console/companies").await;
    assert_eq!(browser.path().await, "/console/sign-in");
    browser.close().await;
}

/// All other pages.
async fn look_around(screen: Screen) {
    let app = TestApp::start().await;
    app.admin(EMAIL, Role::Operator).await;
    let tenant = app.tenant().await;
    let browser = Browser::open(&app, screen).await;
    browser.go("/console").await;
    browser.inspect("sign-in").await;
    browser.fill("#email", EMAIL).await;
    browser.fill("#password", "not the password").await;
    browser.follow("main button.primary").await;
    browser.inspect("sign-in-refused").await;
    browser.go("/console/invitation").await;
    browser.inspect("invitation").await;
    browser.sign_in().await;
    browser.inspect("companies").await;

    let own = format!("/console/companies/{}", tenant.company);
    let key = format!("/console/keys/{}", tenant.client);
    for (name, path) in [
        ("company-settings", format!("{own}/settings")),
        ("company-suspend", format!("{own}/suspend")),
        ("key-unused", key.clone()),
        ("key-edit", format!("{key}/edit")),
        ("administrators", "/console/administrators".to_owned()),
        ("administrator", "/console/administrators/1".to_owned()),
        (
            "administrator-new",
            "/console/administrators/new?company=1".to_owned(),
        ),
        ("company-history", format!("{own}/history")),
        ("audit", "/console/audit".to_owned()),
        ("audit-nothing", "/console/audit?actor=nobody".to_owned()),
        ("account", "/console/account".to_owned()),
        ("not-found", "/console/nothing".to_owned()),
    ] {
        browser.go(&path).await;
        browser.inspect(name).await;
    }
    browser.go("/console/audit").await;
    browser
        .find("tbody summary")
        .await
        .click()
        .await
        .expect("it opens");
    browser.inspect("audit-details").await;

    // After errors the summary has the focus and links to the field.
    browser.go("/console/administrators/new").await;
    browser.fill("#email", "new@example.com").await;
    browser.follow("main button.primary").await;
    browser.inspect("mistakes").await;
    let focused = "return document.activeElement.className";
    assert_eq!(browser.script(focused).await, json!("error-summary"));
    browser
        .find(".error-summary a")
        .await
        .click()
        .await
        .expect("it is clicked");
    let focused = "return document.activeElement.id";
    assert_eq!(browser.script(focused).await, json!("company"));
    browser.close().await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn a_key_is_created_copied_used_rotated_and_revoked_on_a_desktop() {
    live_the_life_of_a_key(DESK).await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn a_key_is_created_copied_used_rotated_and_revoked_on_a_phone_in_dark_mode() {
    live_the_life_of_a_key(PHONE).await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn all_pages_work_on_a_desktop_in_dark_mode() {
    look_around(DESK_AT_NIGHT).await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn all_pages_work_on_the_narrowest_screen() {
    look_around(NARROW).await;
}

/// Lists whose rows have names of all lengths and every state.
async fn look_at_full_lists(screen: Screen) {
    let app = TestApp::start().await;
    app.admin(EMAIL, Role::Operator).await;
    let tenant = app.tenant().await;
    let rotated = app.key(tenant.company, |_| {}).await;
    let sql = "
        insert into companies (name, rate_limit, rate_limit_window_ms, suspended_at)
        select repeat('Donaudampfschifffahrtsgesellschaft', n), 900 * n, 60000 * n,
            case when n = 2 then now() end
        from generate_series(1, 5) as n;
        update companies set name = 'Trattoria Da Giulia' where id = 1;
        insert into admins (email, company_id, disabled_at)
        select repeat('a', 20 * n) || '@' || repeat('b', 30) || '.example.com', 1,
            case when n = 2 then now() end
        from generate_series(1, 3) as n;
        update api_keys set name = repeat('Warenwirtschaftssystem', 6),
            expires_at = now() + interval '3 days'";
    app.sql().await.batch_execute(sql).await.expect("rows");
    let browser = Browser::open(&app, screen).await;
    browser.sign_in().await;
    browser
        .go(&format!("/console/keys/{}/rotate", rotated.client))
        .await;
    browser.follow("main button.primary").await;
    browser.inspect("full-key-rotated").await;
    let own = format!("/console/companies/{}", tenant.company);
    browser.go(&format!("{own}/suspend")).await;
    browser.inspect("full-company-suspend").await;
    browser.follow("main button.danger").await;

    for (name, path) in [
        ("full-companies", "/console/companies".to_owned()),
        ("full-company", own.clone()),
        ("full-company-history", format!("{own}/history")),
        ("full-key", format!("/console/keys/{}", tenant.client)),
        ("full-administrators", "/console/administrators".to_owned()),
        ("full-administrator", "/console/administrators/2".to_owned()),
        ("full-audit", "/console/audit".to_owned()),
    ] {
        browser.go(&path).await;
        browser.inspect(name).await;
    }
    browser.close().await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn no_word_breaks_in_lists_on_a_wide_screen() {
    look_at_full_lists(WIDE).await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn no_word_breaks_in_lists_on_a_tablet() {
    look_at_full_lists(TABLET).await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn no_word_breaks_in_lists_on_a_phone() {
    look_at_full_lists(PHONE_BY_DAY).await;
    look_at_full_lists(PHONE).await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn a_double_click_sends_a_form_once() {
    let app = TestApp::start().await;
    app.admin(EMAIL, Role::Operator).await;
    let company = app.tenant().await.company;
    let browser = Browser::open(&app, DESK).await;
    browser.sign_in().await;
    browser
        .go(&format!("/console/companies/{company}/keys/new"))
        .await;
    browser.fill("#name", "Clicked twice").await;

    let disabled = "
        const button = document.querySelector('main button.primary');
        button.click();
        const isDisabled = button.disabled;
        button.form.requestSubmit();
        return isDisabled";
    assert_eq!(browser.script(disabled).await, json!(true));

    browser.find("#secret").await;
    assert_eq!(app.audit_events("key.create").await.len(), 2);
    browser.close().await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn an_invitation_link_is_accepted() {
    let app = TestApp::start().await;
    app.admin(EMAIL, Role::Operator).await;
    let browser = Browser::open(&app, DESK).await;
    browser.sign_in().await;
    browser.go("/console/administrators/new").await;
    browser.fill("#email", "new@example.com").await;
    let operator = "document.getElementById('role').value = 'operator'";
    browser.script(operator).await;
    browser.follow("main button.primary").await;
    browser.inspect("invited").await;
    let link = browser.text("#secret").await;
    browser.follow("header .who button").await;
    browser.inspect("signed-out").await;

    browser.driver.goto(&link).await.expect("a page");
    browser.inspect("invitation-by-link").await;
    let address = browser.script("return location.hash").await;
    assert_eq!(address, json!(""));
    browser.fill("#password", "a password of the invited").await;
    browser.follow("main button.primary").await;

    assert_eq!(browser.path().await, "/console/sign-in");
    let signed_in = app.console_sign_in("new@example.com", "a password of the invited");
    assert_eq!(signed_in.await.status, 303);
    browser.close().await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn sign_in_works_with_only_the_keyboard() {
    let app = TestApp::start().await;
    app.admin(EMAIL, Role::Operator).await;
    let browser = Browser::open(&app, DESK).await;
    browser.go("/console").await;

    let tab = char::from(Key::Tab).to_string();
    // The skip link, the name of the service, then the form.
    let typed = [&tab, &tab, &tab, EMAIL, &tab, PASSWORD, &tab];
    let typed = typed.concat();
    let chain = browser.driver.action_chain().send_keys(typed.as_str());
    chain.perform().await.expect("it is typed");
    let focused = "return document.activeElement.textContent + getComputedStyle(document.activeElement).outlineStyle";
    assert_eq!(browser.script(focused).await, json!("Sign insolid"));
    browser.keep("keyboard").await;
    let enter = char::from(Key::Enter).to_string();
    let chain = browser.driver.action_chain().send_keys(enter.as_str());
    chain.perform().await.expect("it is sent");

    browser.find("header .who").await;
    assert_eq!(browser.path().await, "/console/companies");
    browser.close().await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn single_sign_on_works_with_an_issuer_on_another_site() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = free.local_addr().expect("an address").to_string();
    drop(free);
    let mut issuer = Issuer::start(Algorithm::RS256);
    issuer.knows("operator-1", EMAIL);
    issuer.sends_back_to(&format!("http://{address}/console/oidc/callback"));
    let settings = [&issuer.settings()[..], &[("http.listen", &address)]].concat();
    let app = TestApp::with_settings(&settings).await;
    app.admin(EMAIL, Role::Operator).await;
    let browser = Browser::open(&app, DESK).await;
    browser.go("/console").await;
    browser.inspect("sign-in-with-issuer").await;

    browser.follow_link("Sign in with single sign-on").await;

    browser.find("header .who").await;
    assert_eq!(browser.path().await, "/console/companies");
    browser.close().await;
}
