//! The console in a browser, as an administrator uses it: on a desk and on a phone, in light and in
//! dark. These tests need Chromium, its driver and axe-core, which `make check-console` brings.

use std::io::{BufRead, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rubrica::domain::Role;
use serde_json::{Value, json};
use thirtyfour::{
    By, ChromiumLikeCapabilities, DesiredCapabilities, Key, LoggingPrefsLogLevel, WebDriver,
};

use crate::harness::{PASSWORD, TestApp};

const PATIENCE: Duration = Duration::from_secs(20);
const EMAIL: &str = "operator@example.com";

/// What a page is looked at on.
#[derive(Clone, Copy)]
struct Screen {
    name: &'static str,
    width: u32,
    height: u32,
    scheme: &'static str,
}

const DESK: Screen = Screen {
    name: "desk-light",
    width: 1280,
    height: 900,
    scheme: "light",
};
const PHONE: Screen = Screen {
    name: "phone-dark",
    width: 390,
    height: 844,
    scheme: "dark",
};
/// The narrowest that a page must fit: also 1280 pixels at four times their size.
const NARROW: Screen = Screen {
    name: "narrow-light",
    width: 320,
    height: 640,
    scheme: "light",
};
const DESK_AT_NIGHT: Screen = Screen {
    scheme: "dark",
    name: "desk-dark",
    ..DESK
};

/// What starts the browser. Ends with its test.
struct Chromedriver {
    url: String,
    process: Child,
    _output: Lines<BufReader<ChildStdout>>,
}

impl Chromedriver {
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is there: run scripts/install-servers browser");
        let output = process.stdout.take().expect("it is piped");
        let mut output = BufReader::new(output).lines();
        let port = output.find_map(|line| {
            let line = line.expect("a line");
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        Self {
            url: format!("http://127.0.0.1:{}", port.expect("chromedriver starts")),
            process,
            _output: output,
        }
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // A browser that a failed test left ends with it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A browser on one screen, with a profile of its own.
struct Browser {
    driver: WebDriver,
    screen: Screen,
    origin: String,
    _chromedriver: Chromedriver,
}

impl Browser {
    async fn open(app: &TestApp, screen: Screen) -> Self {
        let chromedriver = Chromedriver::start();
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in [
            "--headless=new",
            // The pages are ours, and containers seldom let a browser have a sandbox.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--no-proxy-server",
        ] {
            capabilities.add_arg(argument).expect("an argument");
        }
        let level = capabilities.set_browser_log_level(LoggingPrefsLogLevel::All);
        level.expect("a level");
        let driver = WebDriver::new(&chromedriver.url, capabilities)
            .await
            .expect("a browser starts");
        let browser = Self {
            driver,
            screen,
            origin: format!("http://{}", app.address),
            _chromedriver: chromedriver,
        };
        browser.resize(u64::from(screen.height)).await;
        let feature = json!({"name": "prefers-color-scheme", "value": screen.scheme});
        browser
            .command("Emulation.setEmulatedMedia", json!({"features": [feature]}))
            .await;
        let permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"];
        browser
            .command(
                "Browser.grantPermissions",
                json!({"origin": browser.origin, "permissions": permissions}),
            )
            .await;
        browser
    }

    async fn resize(&self, height: u64) {
        let parameters = json!({"width": self.screen.width, "height": height,
            "deviceScaleFactor": 1, "mobile": self.screen.width < 1000});
        self.command("Emulation.setDeviceMetricsOverride", parameters)
            .await;
    }

    async fn command(&self, name: &str, parameters: Value) -> Value {
        let answer = self.driver.cdp().send_raw(name, parameters).await;
        answer.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    async fn go(&self, path: &str) {
        let url = format!("{}{path}", self.origin);
        self.driver.goto(url).await.expect("a page");
    }

    async fn path(&self) -> String {
        let url = self.driver.current_url().await.expect("an address");
        url.path().to_owned()
    }

    /// Waits for an element.
    async fn find(&self, css: &str) -> thirtyfour::WebElement {
        let start = Instant::now();
        loop {
            match self.driver.find(By::Css(css)).await {
                Ok(found) => return found,
                Err(error) => assert!(start.elapsed() < PATIENCE, "no {css}: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.expect("a text")
    }

    async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("it is emptied");
        field.send_keys(text).await.expect("it is typed");
    }

    /// Clicks what leads to another page, and waits until it is there.
    async fn follow(&self, css: &str) {
        self.script("window.isBefore = true").await;
        self.find(css).await.click().await.expect("it is clicked");
        let start = Instant::now();
        let arrived = "return window.isBefore === undefined && document.readyState === 'complete'";
        while self.script(arrived).await != json!(true) {
            assert!(start.elapsed() < PATIENCE, "{css} leads nowhere");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Follows the link with this text.
    async fn follow_link(&self, text: &str) {
        let marked = format!(
            "const link = [...document.querySelectorAll('main a')].find(a => a.textContent.trim() === {text:?});
             link.id = 'followed'; return true"
        );
        assert_eq!(self.script(&marked).await, json!(true), "{text}");
        self.follow("#followed").await;
    }

    async fn script(&self, script: &str) -> Value {
        // While a page gives way to another, there is none.
        let done = self.driver.execute(script, Vec::new()).await;
        done.map_or(Value::Null, |done| done.json().clone())
    }

    async fn sign_in(&self) {
        self.go("/console").await;
        self.fill("#email", EMAIL).await;
        self.fill("#password", PASSWORD).await;
        self.follow("main button.primary").await;
        assert_eq!(self.path().await, "/console/companies");
    }

    /// Keeps the page as it looks, and holds it to what every page must fulfil.
    async fn inspect(&self, name: &str) {
        self.keep(name).await;
        let width = self
            .script("return document.documentElement.scrollWidth")
            .await;
        let width = width.as_u64().expect("a width");
        assert!(
            width <= u64::from(self.screen.width),
            "{name} is {width} wide on {}",
            self.screen.name
        );
        self.look_for_barriers(name).await;
        let messages = self.driver.browser_log().await.expect("a log");
        let messages: Vec<_> = messages
            .iter()
            // Pages that answer 401 or 422 are told there, too.
            .filter(|entry| !entry.message.contains("Failed to load resource"))
            .collect();
        assert!(messages.is_empty(), "{name}: {messages:?}");
    }

    async fn keep(&self, name: &str) {
        let Some(directory) = std::env::var_os("SCREENSHOTS") else {
            return;
        };
        // As high as the page: all of it.
        let height = self.script("return document.documentElement.scrollHeight");
        let height = height.await.as_u64().expect("a height");
        self.resize(height.max(u64::from(self.screen.height))).await;
        let picture = self.driver.screenshot_as_png().await.expect("a picture");
        self.resize(u64::from(self.screen.height)).await;
        let file = format!("{}-{name}.png", self.screen.name);
        std::fs::write(PathBuf::from(directory).join(file), picture).expect("it is written");
    }

    /// axe-core: WCAG 2.2 A and AA, and what is good practice.
    async fn look_for_barriers(&self, name: &str) {
        let axe = std::env::var_os("AXE").expect("AXE: run scripts/check-console");
        let axe = std::fs::read_to_string(axe).expect("axe-core");
        self.driver
            .execute(axe, Vec::new())
            .await
            .expect("axe-core");
        let found = self
            .driver
            .execute_async(
                "const done = arguments[0];
                 axe.run().then(r => done(r.violations.map(v => [v.id, v.nodes.map(n => n.html + ' ' + n.failureSummary)])),
                                e => done([['failed', [String(e)]]]));",
                Vec::new(),
            )
            .await
            .expect("axe-core runs");
        assert_eq!(found.json(), &json!([]), "{name} on {}", self.screen.name);
    }

    async fn close(self) {
        self.driver.quit().await.expect("the browser ends");
    }
}

async fn upsert(app: &TestApp, key: &str) -> u16 {
    let body = json!({"email": "jane@example.com"});
    app.upsert(key, &body).await.status
}

/// The whole life of a key, as an administrator leads it.
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

    // Copied, it is what is shown; and it works.
    let token = browser.text("#secret").await;
    browser.inspect("key-created").await;
    let copy = browser.find("[data-copies]").await;
    copy.click().await.expect("it is clicked");
    let start = Instant::now();
    while browser.text("#copied").await != "Copied." {
        assert!(
            start.elapsed() < PATIENCE,
            "{}",
            browser.text("#copied").await
        );
    }
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

    // A reload shows it no more, and makes no other key.
    browser.driver.refresh().await.expect("a reload");
    assert_eq!(
        browser
            .script("return document.getElementById('secret')")
            .await,
        Value::Null
    );
    let used = Instant::now();
    while !browser.text("figure, .empty").await.contains("Succeeded 1") {
        assert!(used.elapsed() < PATIENCE, "no use is shown");
        browser.driver.refresh().await.expect("a reload");
    }
    browser.inspect("key-used").await;
    browser
        .find("summary")
        .await
        .click()
        .await
        .expect("it opens");
    browser.inspect("key-figures").await;

    let client = browser.path().await;
    browser.follow_link("Rotate").await;
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

    // Mistakes: the summary has the focus, and leads to the field.
    browser.go("/console/administrators/new").await;
    browser.fill("#email", "new@example.com").await;
    browser.follow("main button.primary").await;
    browser.inspect("mistakes").await;
    let focused = "return document.activeElement.className";
    assert_eq!(browser.script(focused).await, json!("mistakes"));
    browser
        .find(".mistakes a")
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
async fn on_a_desk_a_key_is_created_copied_used_rotated_and_revoked() {
    live_the_life_of_a_key(DESK).await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn on_a_phone_in_the_dark_a_key_is_created_copied_used_rotated_and_revoked() {
    live_the_life_of_a_key(PHONE).await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn all_pages_can_be_used_on_a_desk_in_the_dark() {
    look_around(DESK_AT_NIGHT).await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn all_pages_can_be_used_on_the_narrowest_screen() {
    look_around(NARROW).await;
}

#[tokio::test]
#[ignore = "needs a browser: make check-console"]
async fn one_signs_in_with_the_keyboard_alone() {
    let app = TestApp::start().await;
    app.admin(EMAIL, Role::Operator).await;
    let browser = Browser::open(&app, DESK).await;
    browser.go("/console").await;

    let tab = char::from(Key::Tab).to_string();
    // The link past the frame, the name of the service, then the form.
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
