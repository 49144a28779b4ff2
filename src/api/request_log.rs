//! The span and the one log line of each request, its metrics, and the usage of its key. They name the route's
//! template, never the path: a path may hold an e-mail address or a phone.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};
use tracing::{Span, info, info_span};
use tracing_actix_web::RootSpanBuilder;

use super::{AppState, request_id};
use crate::ambient;
use crate::auth::Principal;

const UNKNOWN_ROUTE: &str = "unknown";

/// Builds the root span of a request, and logs its end.
pub struct RequestLog;

struct StartedAt(Instant);

impl RootSpanBuilder for RequestLog {
    fn on_request_start(request: &ServiceRequest) -> Span {
        request
            .extensions_mut()
            .insert(StartedAt(ambient::instant()));
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
        .get::<StartedAt>()
        .map(|started| ambient::instant().duration_since(started.0))
        .unwrap_or_default();
    let principal = extensions.get::<Arc<Principal>>();
    let pattern = request.match_pattern();
    let route = pattern.as_deref().unwrap_or(UNKNOWN_ROUTE);
    let status = response.status().as_u16();
    // Of an unknown method the name is the caller's invention.
    let method = match request.method().as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS") => known,
        _ => "other",
    };

    if let Some(state) = request.app_data::<Data<AppState>>() {
        state
            .metrics
            .request_answered(method, route, status, duration);
    }
    if let Some(principal) = principal {
        principal.meter.count(status, ambient::unix_micros());
    }
    info!(
        method,
        route,
        status,
        duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
        company_id = principal.map(|principal| principal.company.get()),
        client_id = principal.map(|principal| principal.client.as_str()),
        "request answered"
    );
}
