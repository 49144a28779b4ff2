//! The headers of every response.

use reqwest::Method;

use crate::harness::{Answer, SendAndRead, TestApp, set_cookie};

#[track_caller]
fn assert_guarded(answer: &Answer) {
    let policy = answer.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    assert!(answer.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn every_page_has_security_headers_and_is_not_cached() {
    let app = TestApp::start().await;
    let operator = app.visiting_operator().await;
    let key = app.tenant().await;

    for path in super::paths() {
        let id = if path.starts_with("/keys") {
            key.client.to_string()
        } else {
            "1".to_owned()
        };
        let path = path.replace("{id}", &id).replace("{client}", &id);
        let path = path.trim_start_matches('/');

        let answer = app.page(&operator, path).await;

        assert!(answer.status < 500, "{path}: {}", answer.text);
        assert_guarded(&answer);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        // The page needs no exception from its content security policy.
        for inline in ["<style", " style=", "<script>", " onclick"] {
            assert!(!answer.text.contains(inline), "{path}: {inline}");
        }
    }
}

#[tokio::test]
async fn unknown_pages_have_security_headers_too() {
    let app = TestApp::start().await;

    for (method, path, status) in [
        (Method::GET, "/nothing", 404),
        (Method::GET, "/assets/0000000000000000/console.css", 404),
        (Method::DELETE, "/companies", 405),
        (Method::POST, "/companies", 405),
        (Method::POST, "/sign-in", 403),
        (Method::GET, "/sign-in?done=a&done=b", 400),
    ] {
        let answer = app.console(method, path).answer().await;

        assert_eq!(answer.status, status, "{path}");
        assert_guarded(&answer);
        assert!(answer.text.contains("<h1>"), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn style_script_and_icon_have_content_hashes_and_are_cached_forever() {
    let app = TestApp::start().await;
    let page = app.console(Method::GET, "/sign-in").answer().await.text;

    for (name, content_type) in [
        ("console.css", "text/css; charset=utf-8"),
        ("console.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ] {
        let path = page
            .split('"')
            .find(|text| text.ends_with(name))
            .expect(name);
        let path = path.strip_prefix("/console").expect("a path of ours");
        let answer = app.console(Method::GET, path).answer().await;

        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), content_type);
        assert!(answer.header("cache-control").contains("immutable"));
        assert_guarded(&answer);
    }
}

#[tokio::test]
async fn the_session_cookie_is_http_only_and_same_site() {
    let app = TestApp::start().await;
    app.operator().await;

    let answer = app
        .console_sign_in("operator@example.com", crate::harness::PASSWORD)
        .await;

    let cookie = set_cookie(&answer, "__Host-rubrica-session").expect("a session");
    for flag in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}
