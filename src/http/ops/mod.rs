//! The operations port: probes and metrics. Do not expose it to the public network.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use serde_json::json;

use crate::http::shared::{AppState, no_resource, open_resource};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Registers the routes of the operations port.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(open_resource("/livez", web::to(live)))
        .service(open_resource("/readyz", web::to(ready)))
        .service(open_resource("/metrics", web::to(metrics)))
        .default_service(no_resource());
}

/// Live: the process responds. Dependencies are not checked.
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "live"}))
}

/// Not ready while the service starts or drains, or if the schema is incompatible. An outage of Postgres or
/// Redis is reported, but the replica stays ready: otherwise all replicas would leave the load balancer, and
/// callers would not get the service's errors.
async fn ready(state: Data<AppState>) -> HttpResponse {
    let report = state.readiness.report();
    let status = if report.is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let redis = match state.limiter.is_shared() {
        None => "not configured",
        Some(true) => "up",
        Some(false) => "down",
    };
    HttpResponseBuilder::new(status).json(json!({
        "status": report.status,
        "postgres": if report.is_database_up { "up" } else { "down" },
        "redis": redis,
    }))
}

async fn metrics(state: Data<AppState>) -> HttpResponse {
    state.store.observe_connections();
    let report = state.readiness.report();
    state.metrics.process.set_ready(report.is_ready);
    HttpResponse::Ok()
        .content_type(OPEN_METRICS)
        .body(state.metrics.encode())
}
