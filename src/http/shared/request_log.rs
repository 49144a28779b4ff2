//! The span, the log line and the metrics of each request, and the usage of its key. They contain the
//! template of the route, never the path, which may contain an e-mail address or a phone.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::HeaderValue;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest};
use tracing::field::Empty;
use tracing::{Span, info, info_span};
use tracing_actix_web::RootSpanBuilder;

use super::request_id::{self, TraceResponse};
use super::state::AppState;
use crate::administration::AdminPrincipal;
use crate::ambient;
use crate::auth::Principal;
use crate::domain::AdminId;
use crate::metrics::{InFlight, RequestLabels};
use crate::traces;

const UNKNOWN_ROUTE: &str = "unknown";

/// Builds the root span of a request, and logs the request when it ends.
pub struct RequestLog;

struct Started {
    at: Instant,
    _in_flight: Option<InFlight>,
}

impl RootSpanBuilder for RequestLog {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let state = request.app_data::<Data<AppState>>();
        let started = Started {
            at: ambient::instant(),
            _in_flight: state.map(|state| state.metrics.requests.begin()),
        };
        request.extensions_mut().insert(started);
        if traces::is_enabled() {
            traced_span(request)
        } else {
            info_span!("request", request_id = %request_id::current())
        }
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let _entered = span.enter();
        match outcome {
            Ok(response) => answered(&span, response),
            Err(error) => {
                let status = error.as_response_error().status_code().as_u16();
                info!(status, "request failed");
            }
        }
    }
}

fn answered<B>(span: &Span, response: &ServiceResponse<B>) {
    let request = response.request();
    let extensions = request.extensions();
    let duration = extensions
        .get::<Started>()
        .map(|started| ambient::instant().duration_since(started.at))
        .unwrap_or_default();
    let principal = extensions.get::<Arc<Principal>>();
    let admin = match principal {
        Some(_) => None,
        None => extensions.get::<Arc<AdminPrincipal>>(),
    };
    let labels = RequestLabels {
        method: name(request.method()),
        route: route(request),
        status: response.status().as_u16(),
    };

    if let Some(state) = request.app_data::<Data<AppState>>() {
        state.metrics.requests.answered(&labels, duration);
    }
    if let Some(principal) = principal {
        principal.meter.count(labels.status, ambient::unix_micros());
    }
    info!(
        method = labels.method,
        route = labels.route,
        status = labels.status,
        duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
        company_id = principal.map(|principal| principal.company.get()),
        client_id = principal.map(|principal| principal.client.as_str()),
        admin_id = admin.and_then(|admin| admin.admin()).map(AdminId::get),
        "request answered"
    );
    if traces::is_enabled() {
        traces::record_response(span, labels.method, &labels.route, labels.status);
    }
}

/// Makes a span with the trace id, which log lines and the response contain.
fn traced_span(request: &ServiceRequest) -> Span {
    let span = info_span!(
        "request",
        request_id = %request_id::current(),
        trace_id = Empty,
        otel.kind = "server"
    );
    let header = |name| request.headers().get(name)?.to_str().ok();
    let trace = traces::join_trace(&span, header("traceparent"), header("tracestate"));
    span.record("trace_id", trace.id);
    if let Ok(header) = HeaderValue::from_str(&trace.response) {
        request.extensions_mut().insert(TraceResponse(header));
    }
    span
}

/// The path template of the route.
fn route(request: &HttpRequest) -> String {
    match request.match_pattern() {
        None => UNKNOWN_ROUTE.to_owned(),
        Some(pattern) => match pattern.strip_suffix(":.+}") {
            Some(path) => format!("{path}}}"),
            None => pattern,
        },
    }
}

/// The name of a method. An unknown method's name is caller-controlled, so it is "other".
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
