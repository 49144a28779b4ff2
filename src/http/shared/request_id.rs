//! The id of a request.
//!
//! The response has the id that the caller sent. Logs, traces and the audit log have it too, unless it
//! could be personal data, such as an e-mail address: then they have a generated id.

use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use uuid::Uuid;

use super::response_headers;
use crate::ambient::request_time;
use crate::traces;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");
const MAX_LENGTH: usize = 128;

tokio::task_local! {
    static REQUEST_ID: Arc<str>;
}

/// The id of the current request in logs, traces and the audit log; empty outside a request.
#[must_use]
pub fn current() -> Arc<str> {
    REQUEST_ID.try_with(Arc::clone).unwrap_or_default()
}

/// Runs a function as in a request with this id.
pub(in crate::http) fn within<T>(id: &str, work: impl FnOnce() -> T) -> T {
    REQUEST_ID.sync_scope(id.into(), work)
}

/// The header `traceresponse`, which identifies the trace to the caller.
pub(in crate::http) struct TraceResponse(pub(in crate::http) HeaderValue);

/// The outermost middleware of a port. It takes the caller's request id or generates one, and adds it and
/// the headers of every response. The time of the request begins here.
///
/// # Errors
/// The error of the next service, as a response with the headers.
pub async fn identify_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let has_tls = request.app_config().secure();
    let (id, header) = sent(request.headers()).unwrap_or_else(generated);
    let add_headers = move |headers: &mut HeaderMap| {
        headers.insert(X_REQUEST_ID, header);
        response_headers::add(headers, has_tls);
    };
    let responding = request_time::scope(async move {
        match next.call(request).await {
            Ok(mut response) => {
                if traces::is_enabled() {
                    name_trace(&mut response);
                }
                add_headers(response.headers_mut());
                Ok(response)
            }
            Err(error) => {
                let mut response = error.error_response();
                add_headers(response.headers_mut());
                Err(InternalError::from_response(error, response).into())
            }
        }
    });
    REQUEST_ID.scope(id, responding).await
}

fn name_trace<B>(response: &mut ServiceResponse<B>) {
    let trace = response
        .request()
        .extensions_mut()
        .remove::<TraceResponse>();
    if let Some(TraceResponse(header)) = trace {
        response.headers_mut().insert(TRACERESPONSE, header);
    }
}

/// The id that the caller sent, as it is recorded and as it is returned: 1 to 128 printable ASCII characters.
fn sent(headers: &HeaderMap) -> Option<(Arc<str>, HeaderValue)> {
    let header = headers.get(X_REQUEST_ID)?;
    let id = header.to_str().ok()?;
    let is_usable = (1..=MAX_LENGTH).contains(&id.len())
        && id.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if !is_usable {
        return None;
    }
    let is_fit_for_records = id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let recorded = if is_fit_for_records {
        id.into()
    } else {
        new_id().into()
    };
    Some((recorded, header.clone()))
}

fn generated() -> (Arc<str>, HeaderValue) {
    let id = new_id();
    let header = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("none"));
    (id.into(), header)
}

fn new_id() -> String {
    Uuid::now_v7().to_string()
}
