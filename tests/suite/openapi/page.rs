//! `/docs`: the documentation as a page that needs no other host.

use reqwest::Method;

use crate::harness::{Answer, Options, SendAndRead, TestApp};

async fn get(app: &TestApp, path: &str) -> Answer {
    app.request(Method::GET, path).answer().await
}

/// The values of this attribute, or of this function, in a text.
fn values<'a>(text: &'a str, before: &str, after: char) -> Vec<&'a str> {
    let pieces = text.split(before).skip(1);
    pieces
        .map(|piece| piece.split(after).next().unwrap())
        .collect()
}

#[tokio::test]
async fn the_page_and_its_assets_come_from_this_server() {
    let app = TestApp::start_unready(Options::default()).await;

    for root in ["", "/admin"] {
        assert_page(&app, root).await;
    }
}

async fn assert_page(app: &TestApp, root: &str) {
    let page = get(app, &format!("{root}/docs")).await;

    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let mut files = values(&page.text, "src=\"", '"');
    files.extend(values(&page.text, "href=\"", '"'));
    assert!(files.len() > 4, "{files:?}");
    for file in files {
        let is_relative = !file.contains("//") && !file.contains(':');
        assert!(is_relative, "{file}");
        let answer = get(app, &format!("{root}/docs/{file}")).await;
        assert_eq!(answer.status, 200, "{file}");
        if answer.header("content-type") == "text/css" {
            for url in values(&answer.text, "url(", ')') {
                assert!(url.trim_matches('"').starts_with("data:"), "{file}: {url}");
            }
        }
    }
    let start = get(app, &format!("{root}/docs/swagger-initializer.js")).await;
    let start = start.text;
    assert!(start.contains(r#""url": "../openapi.json""#), "{start}");
    assert!(start.contains(r#""validatorUrl": "none""#), "{start}");
    assert!(!start.contains("://"), "{start}");
}

#[tokio::test]
async fn the_pages_send_no_write_and_nothing_before_somebody_asks_for_it() {
    let app = TestApp::start_unready(Options::default()).await;

    for root in ["", "/admin"] {
        let start = get(&app, &format!("{root}/docs/swagger-initializer.js")).await;

        let configuration: String = start.text.split_whitespace().collect();
        let methods = r#""supportedSubmitMethods":["get","head"],"#;
        assert!(configuration.contains(methods), "{configuration}");
        let try_it_out = r#""tryItOutEnabled":false,"#;
        assert!(configuration.contains(try_it_out), "{configuration}");
    }
}

#[tokio::test]
async fn each_page_has_a_title_of_its_own_and_fits_a_phone() {
    let app = TestApp::start_unready(Options::default()).await;

    for (root, title) in [("", "Rubrica API"), ("/admin", "Rubrica admin API")] {
        let page = get(&app, &format!("{root}/docs/")).await.text;

        assert_eq!(values(&page, "<title>", '<'), [title]);
        assert_eq!(
            values(&page, "name=\"viewport\" content=\"", '"'),
            ["width=device-width, initial-scale=1"]
        );
        assert!(!page.contains("wagger UI"), "{page}");
    }
}

#[tokio::test]
async fn the_content_security_policy_allows_no_other_origin() {
    let app = TestApp::start_unready(Options::default()).await;

    for path in [
        "/docs/",
        "/docs/swagger-ui-bundle.js",
        "/admin/docs/",
        "/admin/docs/swagger-ui-bundle.js",
    ] {
        let answer = get(&app, path).await;

        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        for directive in policy.split("; ") {
            for source in directive.split(' ').skip(1) {
                let is_here = ["'none'", "'self'", "data:"].contains(&source);
                assert!(is_here, "{directive}");
            }
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn unknown_files_below_the_page_are_not_found() {
    let app = TestApp::start_unready(Options::default()).await;

    for path in [
        "/docs/x",
        "/docs/x/y",
        "/docs/index.html/",
        "/docs/../Cargo.toml%00",
        "/docs/%2e%2e",
        "/documentation",
        "/admin",
        "/admin/docs/x",
        "/admin/docs/index.html/",
    ] {
        get(&app, path).await.error(404, "not_found");
    }
    for path in ["/docs", "/docs/", "/docs/swagger-ui.css", "/admin/docs/"] {
        let answer = app.request(Method::POST, path).answer().await;
        answer.error(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), "GET, HEAD", "{path}");
    }
}
