//! Secrets that are shown once: from the form that made one to the page that shows it.
//!
//! The form is answered with a redirect, so that a reload makes nothing twice, and the secret must
//! not stand in an address. It travels in a cookie that lives for a minute, that no script reads and
//! that the page takes away while it shows the secret: after a reload it is gone. The service keeps
//! nothing, so that any replica may serve the page.

use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use actix_web::{HttpRequest, HttpResponse};
use secrecy::{ExposeSecret, SecretString};

use super::error::ConsoleError;
use super::session::{expired_cookie, host_cookie};

const COOKIE: &str = "__Host-rubrica-shown-once";
const LIFETIME: Duration = Duration::MINUTE;

/// The cookie that brings a secret to the page of what it belongs to.
pub(super) fn send(subject: &str, secret: &SecretString) -> Cookie<'static> {
    let mut cookie = host_cookie(COOKIE, format!("{subject}:{}", secret.expose_secret()));
    cookie.set_max_age(LIFETIME);
    cookie
}

/// The secret of what a page shows, if it was made just before.
pub(super) fn receive(request: &HttpRequest, subject: &str) -> Option<SecretString> {
    let cookie = request.cookie(COOKIE)?;
    let (owner, secret) = cookie.value().split_once(':')?;
    (owner == subject).then(|| SecretString::from(secret))
}

/// Takes the secret away, with the page that shows it.
pub(super) fn forget(response: &mut HttpResponse) -> Result<(), ConsoleError> {
    response
        .add_cookie(&expired_cookie(COOKIE))
        .map_err(|error| ConsoleError::Internal(error.to_string()))
}
