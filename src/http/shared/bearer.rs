//! The `Authorization` header (RFC 6750).

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

const SCHEME: &str = "bearer";

/// The bearer token, if one was sent.
pub(in crate::http) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case(SCHEME).then_some(token.trim())
}
