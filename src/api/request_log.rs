//! The span and the one log line of each request, its metrics, and the usage of its key. They name the route's
//! template, never the path: a path may hold an e-mail address or a phone.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};
use tracing::{Span, info, info_span};
use tracing_actix_web::RootSpanBuilder;

use super::{AppState, request_id};
use crate::ambient;
use crate::auth::Principal;
use crate::metrics::{InFlight, RequestLabels};

const UNKNOWN_ROUTE: &str = "unknown";

/// Builds the root span of a request, and logs its end.
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
        info_span!("request", request_id = %request_id::current())
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let _entered = span.enter();
        match outcome {
            Ok(response) => answered(response),
            Err(error) => {
                let status = error.as_response_error().status_code().as_u16();
                info!(status, "request failed");
            }
        }
    }
}

fn answered<B>(response: &ServiceResponse<B>) {
    let request = response.request();
    let extensions = request.extensions();
    let duration = extensions
        .get::<Started>()
        .map(|started| ambient::instant().duration_since(started.at))
        .unwrap_or_default();
    let principal = extensions.get::<Arc<Principal>>();
    let route = request.match_pattern();
    let labels = RequestLabels {
        method: name(request.method()),
        route: route.unwrap_or_else(|| UNKNOWN_ROUTE.to_owned()),
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
        "request answered"
    );
}

/// Of an unknown method the name is the caller's invention.
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
