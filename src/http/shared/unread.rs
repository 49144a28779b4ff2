//! What a call would ignore is refused instead: whoever sends `?dryRun=true` or `If-Match` must not
//! believe that it was heard.

use actix_web::HttpRequest;
use actix_web::Route;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{IF_MATCH, IF_NONE_MATCH};
use actix_web::middleware::{Next, from_fn};

use super::error::ApiError;
use super::middleware::{Answer, call_next, refuse};
use super::page::read_query;

/// A handler, and which parts of a request it reads besides path and body. By default none: a new
/// route refuses all query parameters and preconditions.
pub(in crate::http) struct Handler {
    route: Route,
    reads: Reads,
}

#[derive(Clone, Copy, Default)]
struct Reads {
    query: bool,
    preconditions: bool,
}

impl From<Route> for Handler {
    fn from(route: Route) -> Self {
        Self {
            route,
            reads: Reads::default(),
        }
    }
}

impl Handler {
    /// The route, with the refusal of what its handler does not read.
    pub(in crate::http) fn guarded(self) -> Route {
        let reads = self.reads;
        self.route.wrap(from_fn(move |request, next| {
            refuse_unread(reads, request, next)
        }))
    }
}

/// A handler that reads the query, and refuses the parameters that it does not know.
pub(in crate::http) fn reading_query(route: Route) -> Handler {
    let mut handler = Handler::from(route);
    handler.reads.query = true;
    handler
}

/// A handler that obeys `If-Match` and `If-None-Match`.
pub(in crate::http) fn conditional(route: Route) -> Handler {
    let mut handler = Handler::from(route);
    handler.reads.preconditions = true;
    handler
}

async fn refuse_unread(reads: Reads, request: ServiceRequest, next: Next<BoxBody>) -> Answer {
    match check(reads, request.request()) {
        Ok(()) => call_next(request, next).await,
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
    let sent = [IF_MATCH, IF_NONE_MATCH]
        .into_iter()
        .find(|name| request.headers().contains_key(name));
    sent.map_or(Ok(()), |name| {
        let name = match name {
            IF_MATCH => "If-Match",
            _ => "If-None-Match",
        };
        let message = format!("this call takes no precondition: remove the header {name}");
        Err(ApiError::BadRequest(message.into()))
    })
}
