//! Where somebody comes back to after signing in: a page of ours with its query, and nothing else.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, REFERER};
use actix_web::http::{Method, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The longest path with its query.
const MAX_BYTES: usize = 1000;
/// What a path is written with in a query.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_');

/// What somebody wanted who is not signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReturnTo {
    /// To see this page.
    Page(String),
    /// To send a form, which this page has.
    Form(String),
    /// To sign out, which is done.
    SignOut,
}

impl ReturnTo {
    /// The page where they sign in first.
    pub(super) fn sign_in(&self) -> String {
        let (page, done) = match self {
            Self::Page(page) => (page, ""),
            Self::Form(page) => (page, "done=unsaved"),
            Self::SignOut => return "/console/sign-in".to_owned(),
        };
        let next = if is_page(page) {
            format!("next={}", utf8_percent_encode(page, IN_QUERY))
        } else {
            String::new()
        };
        let query: Vec<&str> = [next.as_str(), done]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        if query.is_empty() {
            "/console/sign-in".to_owned()
        } else {
            format!("/console/sign-in?{}", query.join("&"))
        }
    }
}

/// What a request wants.
pub(super) fn wanted(request: &HttpRequest) -> ReturnTo {
    let own = path_and_query(request.uri());
    if request.method() == Method::GET {
        return ReturnTo::Page(own);
    }
    if request.path() == "/console/sign-out" {
        return ReturnTo::SignOut;
    }
    ReturnTo::Form(referring_page(request).unwrap_or_else(|| page_of_form(&own)))
}

/// The page that the browser says it sent the form from.
fn referring_page(request: &HttpRequest) -> Option<String> {
    let header = |name| request.headers().get(name)?.to_str().ok();
    let referrer: Uri = header(REFERER)?.parse().ok()?;
    let is_ours = referrer.authority()?.as_str() == header(HOST)?;
    let page = path_and_query(&referrer);
    (is_ours && is_page(&page)).then_some(page)
}

/// The page with the form that is sent to this path. Most have the path of the form.
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

/// Whether this is the path of a page of ours, perhaps with a query, and nothing else.
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
    fn a_page_is_a_path_of_ours_with_any_query() {
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
    fn a_form_leads_back_to_the_page_that_has_it() {
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
    fn the_address_of_the_sign_in_holds_the_whole_page_as_one_value() {
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
