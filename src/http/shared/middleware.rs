//! What the middleware around handlers has in common.

use std::panic::AssertUnwindSafe;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError};
use futures_util::FutureExt;

use super::error::ApiError;

/// The result of a middleware.
pub(in crate::http) type MiddlewareResult = Result<ServiceResponse, Error>;

/// Responds with an error of the API.
pub(in crate::http) fn refuse(request: ServiceRequest, error: ApiError) -> ServiceResponse {
    request.error_response(error)
}

/// Calls the next service and responds with `error` if it panics. The panic hook has logged the place.
pub(in crate::http) async fn catch_panic<E: ResponseError>(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    error: fn(String) -> E,
) -> MiddlewareResult {
    let head = request.request().clone();
    // State that handlers share is behind locks, which handle a panic while they are held.
    let response = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let Ok(response) = response else {
        let error = error("a handler panicked".to_owned());
        return Ok(ServiceResponse::new(head, error.error_response()));
    };
    Ok(response?.map_into_boxed_body())
}
