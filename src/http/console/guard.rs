//! What holds for every answer of the console: the headers of its pages, the navigation around
//! errors, and what a panic becomes.

use std::panic::AssertUnwindSafe;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError};
use futures_util::FutureExt;

use super::error::ConsoleError;
use super::page::SignedIn;
use super::session::Session;

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
pub(super) async fn guard<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, String>>, Error> {
    let response = next.call(request).await?;
    let page = error_page(&response).await;
    let mut response = match page {
        Some(page) => response.map_body(|_, _| EitherBody::right(page)),
        None => response.map_into_left_body(),
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

/// Answers 500 where a handler panics; the panic hook has logged where.
pub(super) async fn recover(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let head = request.request().clone();
    let answering = async { Ok(next.call(request).await?.map_into_boxed_body()) };
    // What a handler leaves behind is its own: shared state is behind locks that say so.
    AssertUnwindSafe(answering)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            let error = ConsoleError::Internal("a handler panicked".to_owned());
            Ok(ServiceResponse::new(head, error.error_response()))
        })
}
