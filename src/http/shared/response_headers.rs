//! The headers of every response, on every port.

use actix_web::http::header::{
    CACHE_CONTROL, HeaderMap, HeaderValue, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};

/// A year, without subdomains, which may have no certificate.
const TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds the headers: browsers do not guess content types, nothing stores a response without
/// `Cache-Control`, and browsers that used TLS keep using it.
pub(super) fn add(headers: &mut HeaderMap, has_tls: bool) {
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(X_CONTENT_TYPE_OPTIONS, nosniff);
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if has_tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, TRANSPORT_SECURITY);
    }
}
