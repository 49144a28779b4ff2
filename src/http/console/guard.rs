//! What holds for every answer of the console: the headers of its pages, the navigation around
//! errors.

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;

use super::error::ConsoleError;
use super::page::SignedIn;
use super::session::Session;
use crate::http::shared::{MiddlewareResult, refused};

/// All that a page may do: show styles and icons from here, run the one script from here, and post
/// forms here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    // Not `no-referrer`: with it browsers send `Origin: null` along with forms.
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

/// Sets the headers that pages have besides those of every answer, and shows errors within the
/// navigation of whoever is signed in.
pub(super) async fn guard<B: MessageBody + 'static>(
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

/// The page of an error for somebody who is signed in.
async fn error_page<B>(response: &ServiceResponse<B>) -> Option<String> {
    let error = response.response().error()?.as_error::<ConsoleError>()?;
    if matches!(error, ConsoleError::NotSignedIn { .. }) {
        return None;
    }
    let request = response.request();
    let known = request.extensions().get::<SignedIn>().cloned();
    let signed_in = match known {
        Some(signed_in) => signed_in,
        None if error.is_of_nobody() => Session::of(request).await.ok()?.signed_in(),
        None => return None,
    };
    error.page_for(signed_in)
}
