//! A browser, and the checks of every page in it.

use std::io::{BufRead, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use thirtyfour::{
    By, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver,
};

use crate::harness::{PASSWORD, TestApp, eventually};

pub const EMAIL: &str = "operator@example.com";

/// The screen of a browser.
#[derive(Clone, Copy)]
pub struct Screen {
    name: &'static str,
    width: u32,
    height: u32,
    scheme: &'static str,
}

pub const DESK: Screen = Screen {
    name: "desk-light",
    width: 1280,
    height: 900,
    scheme: "light",
};
pub const PHONE: Screen = Screen {
    name: "phone-dark",
    width: 390,
    height: 844,
    scheme: "dark",
};
/// The narrowest supported screen, which is also 1280 pixels at a zoom of 400 %.
pub const NARROW: Screen = Screen {
    name: "narrow-light",
    width: 320,
    height: 640,
    scheme: "light",
};
pub const DESK_AT_NIGHT: Screen = Screen {
    scheme: "dark",
    name: "desk-dark",
    ..DESK
};

pub const WIDE: Screen = Screen {
    name: "wide-light",
    width: 1440,
    height: 900,
    scheme: "light",
};
pub const TABLET: Screen = Screen {
    name: "tablet-light",
    width: 820,
    height: 1180,
    scheme: "light",
};
pub const PHONE_BY_DAY: Screen = Screen {
    name: "phone-light",
    scheme: "light",
    ..PHONE
};

/// The words that are broken over lines. Names, secrets and values of the audit log may break.
const BROKEN_WORDS: &str = r#"
    const mayBreak = "bdi, del, ins, .secret, pre, .hidden, .details dd, option, .stacking thead";
    const broken = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      if (text.parentElement.closest(mayBreak)) continue;
      for (const word of text.data.matchAll(/[^\s\-–\/.@]+/g)) {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].map(r => Math.round(r.top)));
        if (lines.size > 1) broken.push(word[0]);
      }
    }
    for (const whole of document.querySelectorAll("time, td code, .badge:not(.rotating, .blocked)")) {
      if (whole.closest(".details")) continue;
      const range = document.createRange();
      range.selectNodeContents(whole);
      const lines = new Set([...range.getClientRects()].map(r => Math.round(r.top)));
      if (lines.size > 1) broken.push(whole.textContent);
    }
    const main = document.querySelector("main");
    const right = main.getBoundingClientRect().right - parseFloat(getComputedStyle(main).paddingRight);
    for (const box of document.querySelectorAll("main table.stacking, main td, main .badge, main time")) {
      if (box.closest(".scroll")) continue;
      if (box.getBoundingClientRect().right > right + 1) broken.push("too wide: " + box.textContent);
    }
    for (const cell of document.querySelectorAll(".stacking td, .stacking tbody th")) {
      if (cell.scrollWidth > cell.clientWidth + 1) broken.push("cut off: " + cell.textContent);
    }
    return broken;
"#;

/// The driver of the browser. Ends with its test.
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
        // Ends the browser of a failed test, too.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A browser on one screen, with a profile of its own.
pub struct Browser {
    pub driver: WebDriver,
    screen: Screen,
    origin: String,
    _chromedriver: Chromedriver,
}

impl Browser {
    pub async fn open(app: &TestApp, screen: Screen) -> Self {
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

    pub async fn go(&self, path: &str) {
        let url = format!("{}{path}", self.origin);
        self.driver.goto(url).await.expect("a page");
    }

    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.expect("an address");
        url.path().to_owned()
    }

    /// Waits for an element.
    pub async fn find(&self, css: &str) -> thirtyfour::WebElement {
        let element = async || self.driver.find(By::Css(css)).await;
        let found = eventually(css, element, Result::is_ok).await;
        found.expect("it was found")
    }

    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.expect("a text")
    }

    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("it is emptied");
        field.send_keys(text).await.expect("it is typed");
    }

    /// Clicks a link or a button and waits for the next page.
    pub async fn follow(&self, css: &str) {
        self.script("window.isBefore = true").await;
        self.find(css).await.click().await.expect("it is clicked");
        let arrived = "return window.isBefore === undefined && document.readyState === 'complete'";
        let arrived = async || self.script(arrived).await;
        eventually("the page", arrived, |seen| *seen == json!(true)).await;
    }

    /// Follows the link with this text.
    pub async fn follow_link(&self, text: &str) {
        let marked = format!(
            "const link = [...document.querySelectorAll('main a')].find(a => a.textContent.trim() === {text:?});
             link.id = 'followed'; return true"
        );
        assert_eq!(self.script(&marked).await, json!(true), "{text}");
        self.follow("#followed").await;
    }

    pub async fn script(&self, script: &str) -> Value {
        // There is no page during a navigation.
        let done = self.driver.execute(script, Vec::new()).await;
        done.map_or(Value::Null, |done| done.json().clone())
    }

    pub async fn sign_in(&self) {
        self.go("/console").await;
        self.fill("#email", EMAIL).await;
        self.fill("#password", PASSWORD).await;
        self.follow("main button.primary").await;
        assert_eq!(self.path().await, "/console/companies");
    }

    /// Takes a screenshot of the page and runs the checks of every page.
    pub async fn inspect(&self, name: &str) {
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
        let broken = self.script(BROKEN_WORDS).await;
        assert_eq!(broken, json!([]), "{name} on {}", self.screen.name);
        self.look_for_barriers(name).await;
        let messages = self.driver.browser_log().await.expect("a log");
        let messages: Vec<_> = messages
            .iter()
            // The browser also logs pages that answer 401 or 422.
            .filter(|entry| !entry.message.contains("Failed to load resource"))
            .collect();
        assert!(messages.is_empty(), "{name}: {messages:?}");
    }

    pub async fn keep(&self, name: &str) {
        let Some(directory) = std::env::var_os("SCREENSHOTS") else {
            return;
        };
        // As high as the page, to capture all of it.
        let height = self.script("return document.documentElement.scrollHeight");
        let height = height.await.as_u64().expect("a height");
        self.resize(height.max(u64::from(self.screen.height))).await;
        let picture = self.driver.screenshot_as_png().await.expect("a picture");
        self.resize(u64::from(self.screen.height)).await;
        let file = format!("{}-{name}.png", self.screen.name);
        std::fs::write(PathBuf::from(directory).join(file), picture).expect("it is written");
    }

    /// axe-core: WCAG 2.2 A and AA, and best practices.
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

    pub async fn close(self) {
        self.driver.quit().await.expect("the browser ends");
    }
}
