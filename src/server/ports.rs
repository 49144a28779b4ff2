//! The ports of a process and the routes of each.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpServer};
use anyhow::Context;
use tracing_actix_web::TracingLogger;

use crate::config::{Http, Settings};
use crate::http::{self, AppState, Connections, RequestLog, console};
use crate::metrics::Metrics;
use crate::tls::Certificate;

/// Serves the public API, and the admin API and the console unless they have their own port.
pub(super) fn serve_public(
    settings: &Settings,
    state: Data<AppState>,
    listener: TcpListener,
    certificate: Option<&Arc<Certificate>>,
) -> anyhow::Result<Server> {
    let http = &settings.http;
    let workers = match http.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let routes = if settings.admin.listen.is_some() {
        http::routes
    } else {
        all_routes
    };
    serve_api(settings, state, listener, certificate, workers, routes)
}

/// Serves the admin API and the console on one thread, which is enough for few users.
pub(super) fn serve_admin(
    settings: &Settings,
    state: Data<AppState>,
    listener: TcpListener,
    certificate: Option<&Arc<Certificate>>,
) -> anyhow::Result<Server> {
    serve_api(settings, state, listener, certificate, 1, admin_routes)
}

fn all_routes(config: &mut ServiceConfig) {
    // The order matters: a path is compared with one resource after the other, and upserts are most frequent.
    http::routes(config);
    http::admin_resources(config);
    console::routes(config, console::PublicApi::SamePort);
}

fn admin_routes(config: &mut ServiceConfig) {
    console::routes(config, console::PublicApi::OtherPort);
    http::admin_routes(config);
}

fn serve_api(
    settings: &Settings,
    state: Data<AppState>,
    listener: TcpListener,
    certificate: Option<&Arc<Certificate>>,
    workers: usize,
    routes: fn(&mut ServiceConfig),
) -> anyhow::Result<Server> {
    let http = &settings.http;
    let connections = Connections::new(
        Arc::clone(&state.fair_shares),
        Arc::clone(&state.trusted_proxies),
        http.write_timeout,
    );
    let server = HttpServer::new(move || {
        // The last middleware is the first to see a request.
        App::new()
            .app_data(state.clone())
            .configure(routes)
            .wrap(TracingLogger::<RequestLog>::new())
            .wrap(from_fn(http::identify_request))
    })
    .on_connect(move |connection, data| connections.begin(connection, data))
    .workers(workers)
    .keep_alive(http.keep_alive)
    .client_request_timeout(http.request_timeout)
    .shutdown_timeout(settings.shutdown.timeout.as_secs())
    .disable_signals();
    let server = match certificate {
        Some(certificate) => server.listen_rustls_0_23(listener, certificate.server_config())?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

pub(super) fn serve_ops(state: Data<AppState>, listener: TcpListener) -> anyhow::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .configure(http::ops_routes)
            .wrap(from_fn(http::identify_request))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}

pub(super) fn certificate(
    http: &Http,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<Option<Arc<Certificate>>> {
    http.tls_certificate
        .clone()
        .zip(http.tls_key.clone())
        .map(|(certificate, key)| Certificate::load(certificate, key, Arc::clone(metrics)))
        .transpose()
}

pub(super) fn bind(
    address: SocketAddr,
    setting: &str,
) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)
        .with_context(|| format!("cannot listen on {address} ({setting})"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
