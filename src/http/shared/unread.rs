//! What a call would ignore is refused instead: whoever sends `?dryRun=true` or `If-Match` must not
//! believe that it was heard.

use actix_web::HttpRequest;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{IF_MATCH, IF_NONE_MATCH};
use actix_web::middleware::Next;

use super::answer::{Answer, catch_panic, refuse};
use super::error::ApiError;
use super::page::read_query;

/// Which parts of a request a handler reads besides path and body.
#[derive(Clone, Copy, Default)]
pub(in crate::http) struct Reads {
    /// The query. The handler refuses the parameters that it does not know.
    pub(in crate::http) query: bool,
    /// `If-Match` and `If-None-Match`.
    pub(in crate::http) preconditions: bool,
}

/// The innermost layer of each route: runs the handler unless it would ignore a part of the request,
/// and answers 500 where it panics.
pub(in crate::http) async fn run_handler(
    reads: Reads,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Answer {
    match check(reads, request.request()) {
        Ok(()) => catch_panic(request, next, ApiError::Internal).await,
        Err(error) => Ok(refuse(request, error)),
    }
}

fn check(reads: Reads, request: &HttpRequest) -> Result<(), ApiError> {
    if !reads.query && !request.query_string().is_empty() {
        read_query(request.query_string(), |_, _| Ok(false))?;
    }
    // What is read may be read in any version: only a write that ignores them does harm.
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
