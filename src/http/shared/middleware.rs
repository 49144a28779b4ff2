//! How a layer around a handler answers a request.

use std::panic::AssertUnwindSafe;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError};
use futures_util::FutureExt;

use super::error::ApiError;

/// What a layer answers.
pub(in crate::http) type Answer = Result<ServiceResponse, Error>;

/// Answers with an error of the API.
pub(in crate::http) fn refuse(request: ServiceRequest, error: ApiError) -> ServiceResponse {
    request.error_response(error)
}

/// Answers with an error of this kind where something within panics; the panic hook has logged where.
pub(in crate::http) async fn catch_panic<E: ResponseError>(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    error: fn(String) -> E,
) -> Answer {
    let head = request.request().clone();
    // What a handler leaves behind is its own: shared state is behind locks that say so.
    let answered = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let Ok(answered) = answered else {
        let error = error("a handler panicked".to_owned());
        return Ok(ServiceResponse::new(head, error.error_response()));
    };
    Ok(answered?.map_into_boxed_body())
}
