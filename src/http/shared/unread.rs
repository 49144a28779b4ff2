//! Refuses query parameters and preconditions that a handler would ignore: a caller who sends
//! `?dryRun=true` or `If-Match` must not believe that it had an effect.

use actix_web::HttpRequest;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{IF_MATCH, IF_NONE_MATCH};
use actix_web::middleware::Next;

use super::error::ApiError;
use super::middleware::{MiddlewareResult, catch_panic, refuse};
use super::page::read_query;

/// The parts of a request that a handler reads, in addition to path and body.
#[derive(Clone, Copy, Default)]
pub(in crate::http) struct Reads {
    /// The query. The handler refuses unknown parameters.
    pub(in crate::http) query: bool,
    /// `If-Match` and `If-None-Match`.
    pub(in crate::http) preconditions: bool,
}

/// The innermost middleware of each route. It runs the handler unless the handler would ignore a part of
/// the request, and responds with 500 if the handler panics.
pub(in crate::http) async fn run_handler(
    reads: Reads,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> MiddlewareResult {
    match check(reads, request.request()) {
        Ok(()) => catch_panic(request, next, ApiError::Internal).await,
        Err(error) => Ok(refuse(request, error)),
    }
}

fn check(reads: Reads, request: &HttpRequest) -> Result<(), ApiError> {
    if !reads.query && !request.query_string().is_empty() {
        read_query(request.query_string(), |_, _| Ok(false))?;
    }
    // Ignoring a precondition is harmless for reads.
    if reads.preconditions || request.method().is_safe() {
        return Ok(());
    }
    for (name, header) in [("If-Match", IF_MATCH), ("If-None-Match", IF_NONE_MATCH)] {
        if request.headers().contains_key(header) {
            let message = format!("this call takes no precondition: remove the header {name}");
            return Err(ApiError::BadRequest(message.into()));
        }
    }
    Ok(())
}
