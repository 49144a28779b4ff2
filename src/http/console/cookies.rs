//! Cookies of the console.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

/// A cookie that scripts cannot read and that browsers do not send from other sites. Its name should start with
/// `__Host-`: then browsers accept it only over HTTPS (or from the same machine), for this host and all of its paths.
pub(super) fn strict_cookie(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .finish()
}

/// Makes the browser delete a cookie.
pub(super) fn expired_cookie(name: &'static str) -> Cookie<'static> {
    let mut cookie = strict_cookie(name, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}
