//! One-time secrets: a new API key or invitation is displayed on a single page.
//!
//! A form responds with a redirect, so that a reload creates nothing twice, and URLs must not contain a secret.
//! So a cookie carries the secret to the next page. It lives for a minute, scripts cannot read it, and the page
//! that displays the secret deletes it. The service stores nothing, so any replica can serve that page.

use actix_web::cookie::time::Duration;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};

use super::cookies::{expired_cookie, strict_cookie};
use super::response::{PageResult, redirect, show_with};

/// The name that earlier releases use: during an upgrade, the next page may come from a replica of another release.
const COOKIE: &str = "__Host-rubrica-shown-once";
const LIFETIME: Duration = Duration::MINUTE;

/// Redirects to the page that displays the secret of `subject`.
pub(super) fn redirect_to_secret(path: &str, subject: &str, secret: &SecretString) -> HttpResponse {
    let mut cookie = strict_cookie(COOKIE, format!("{subject}:{}", secret.expose_secret()));
    cookie.set_max_age(LIFETIME);
    redirect(path).cookie(cookie).finish()
}

/// The secret of `subject`, if the form before created one.
pub(super) fn one_time_secret(request: &HttpRequest, subject: &str) -> Option<SecretString> {
    let cookie = request.cookie(COOKIE)?;
    let (owner, secret) = cookie.value().split_once(':')?;
    (owner == subject).then(|| SecretString::from(secret))
}

/// Responds with a page. Deletes the cookie if the page displays the secret.
pub(super) fn show_secret(page: &impl Template, has_secret: bool) -> PageResult {
    let mut response = HttpResponse::Ok();
    if has_secret {
        response.cookie(expired_cookie(COOKIE));
    }
    show_with(response, page)
}
