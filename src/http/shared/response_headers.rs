//! The headers that every answer has, on every port.

use actix_web::http::header::{
    CACHE_CONTROL, HeaderMap, HeaderValue, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};

/// A year, for this host alone: others below its name may have no certificate.
const TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Browsers guess no content type, nobody stores an answer that does not say that it may be stored, and
/// a browser that came by TLS comes so again.
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
