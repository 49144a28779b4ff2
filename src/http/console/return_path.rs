//! The page to return to after signing in: a page of the console with its query, and nothing else.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, REFERER};
use actix_web::http::{Method, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The longest path with its query.
const MAX_BYTES: usize = 1000;
/// The characters that are encoded in a path within a query.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_');

/// The request of somebody who is not signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReturnTo {
    /// They opened this page.
    Page(String),
    /// They sent a form of this page.
    Form(String),
    /// They signed out. Nothing is left to do.
    SignOut,
}

impl ReturnTo {
    /// Reads the request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let own = path_and_query(request.uri());
        if request.method() == Method::GET {
            return Self::Page(own);
        }
        if request.path() == "/console/sign-out" {
            return Self::SignOut;
        }
        Self::Form(referring_page(request).unwrap_or_else(|| page_of_form(&own)))
    }

    /// The sign-in page that returns there.
    pub(super) fn sign_in(&self) -> String {
        let (page, done) = match self {
            Self::Page(page) => (page, None),
            Self::Form(page) => (page, Some("done=unsaved".to_owned())),
            Self::SignOut => return "/console/sign-in".to_owned(),
        };
        let next = is_page(page).then(|| format!("next={}", utf8_percent_encode(page, IN_QUERY)));
        let query: Vec<String> = next.into_iter().chain(done).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/console/sign-in{mark}{}", query.join("&"))
    }
}

/// The page that the form was sent from, according to the browser.
fn referring_page(request: &HttpRequest) -> Option<String> {
    let header = |name| request.headers().get(name)?.to_str().ok();
    let referrer: Uri = header(REFERER)?.parse().ok()?;
    let is_same_host = referrer.authority()?.as_str() == header(HOST)?;
    let page = path_and_query(&referrer);
    (is_same_host && is_page(&page)).then_some(page)
}

/// The page with the form that is sent to this path. For most forms it is the same path.
fn page_of_form(path: &str) -> String {
    let bare = path.split('?').next().unwrap_or_default();
    match bare.rsplit_once('/') {
        Some((page, "enable")) => page.to_owned(),
        Some((page, "resume")) => format!("{page}/settings"),
        _ => path.to_owned(),
    }
}

fn path_and_query(uri: &Uri) -> String {
    uri.path_and_query()
        .map_or_else(String::new, ToString::to_string)
}

/// Whether this is the path of a page of the console, with or without a query, and nothing else.
pub(super) fn is_page(text: &str) -> bool {
    let is_in_path = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_".contains(&byte);
    let is_in_query =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%!$&*+,;=:@/?".contains(&byte);
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    path.starts_with("/console/")
        && text.len() <= MAX_BYTES
        && path.bytes().all(is_in_path)
        && query.bytes().all(is_in_query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_path_of_the_console_with_any_query() {
        for page in [
            "/console/audit",
            "/console/audit?company=2&from=2026-01-31",
            "/console/keys/aaaaaaaaaaaa?range=week",
            "/console/audit?actor=admin%3A1&next=https://evil.example/",
        ] {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "",
            "/console",
            "/docs/",
            "//evil.example/console/",
            "https://evil.example/console/audit",
            "/console/../docs/",
            "/console/\\evil.example",
            "/console/audit?a=\r\nset-cookie: a=b",
            "/console/audit?a=b#c",
            "/console/audit?<script>",
        ] {
            assert!(!is_page(other), "{other}");
        }
    }

    #[test]
    fn sign_in_returns_to_the_page_of_a_form() {
        for (form, page) in [
            ("/console/companies/new", "/console/companies/new"),
            (
                "/console/companies/1/keys/new?a=b",
                "/console/companies/1/keys/new?a=b",
            ),
            (
                "/console/companies/1/resume",
                "/console/companies/1/settings",
            ),
            (
                "/console/administrators/1/enable",
                "/console/administrators/1",
            ),
        ] {
            assert_eq!(page_of_form(form), page);
        }
    }

    #[test]
    fn the_sign_in_url_contains_the_whole_page_as_one_value() {
        let page = ReturnTo::Page("/console/audit?company=2&to=2026-01-31".to_owned());
        assert_eq!(
            page.sign_in(),
            "/console/sign-in?next=/console/audit%3Fcompany%3D2%26to%3D2026-01-31"
        );
        let form = ReturnTo::Form("/console/companies/new".to_owned());
        assert_eq!(
            form.sign_in(),
            "/console/sign-in?next=/console/companies/new&done=unsaved"
        );
        let form = ReturnTo::Form("//evil.example".to_owned());
        assert_eq!(form.sign_in(), "/console/sign-in?done=unsaved");
    }
}
