//! The security headers of all pages, and the navigation around error pages.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, ResponseError};

use super::error::ConsoleError;
use super::layout::SignedInUser;
use super::session::Session;
use crate::http::shared::{MiddlewareResult, refused};

/// Pages may use styles, icons and the script of this site, and send forms to it, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    // With `no-referrer`, browsers would send `Origin: null` along with forms.
    (REFERRER_POLICY, "same-origin"),
    (X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Adds the security headers of pages, and displays errors within the navigation of a signed-in administrator.
pub(super) async fn security_headers<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> MiddlewareResult {
    if let Some(refusal) = refused(request.request()) {
        return Ok(request.into_response(refusal));
    }
    let response = next.call(request).await?;
    let page = error_page(&response).await;
    let mut response = match page {
        Some(page) => response.map_body(|_, _| page.boxed()),
        None => response.map_into_boxed_body(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// The error page for a signed-in administrator.
async fn error_page<B>(response: &ServiceResponse<B>) -> Option<String> {
    let error = response.response().error()?.as_error::<ConsoleError>()?;
    if error.status_code().is_redirection() {
        return None;
    }
    let request = response.request();
    let known = request.extensions().get::<SignedInUser>().cloned();
    let user = match known {
        Some(user) => user,
        None if error.precedes_authentication() => {
            Session::authenticate(request).await.ok()?.user()
        }
        None => return None,
    };
    error.page_for(user)
}
