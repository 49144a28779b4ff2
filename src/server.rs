//! One serving process: what it is made of, how it starts, and in which order it ends.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server as ActixServer, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::Context;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{debug, info, warn};
use tracing_actix_web::TracingLogger;

use crate::ambient;
use crate::api::{self, AppState, BodyBudget, RequestLog, TrustedProxies};
use crate::auth::{self, Announcer, Authenticator, KeyCache};
use crate::config::{Http, Settings, Shutdown};
use crate::domain::TokenKeys;
use crate::limits::{LocalLimiter, RateLimiter};
use crate::metrics::Metrics;
use crate::readiness::Readiness;
use crate::store::Store;
use crate::tls::{self, Certificate};
use crate::usage::{self, Meters, Recorder};

/// Between two looks for filters that are left to be built.
const FILTERS_PAUSE: Duration = Duration::from_secs(4);
/// How long the end waits for the database to take the last usage of API keys.
const LAST_FLUSH: Duration = Duration::from_secs(2);

/// A process that listens, but does not serve yet.
pub struct Server {
    public: ActixServer,
    public_address: SocketAddr,
    ops: ActixServer,
    ops_address: SocketAddr,
    readiness: Arc<Readiness>,
    shutdown: Shutdown,
    usage: Arc<Recorder>,
    /// Ends with the server.
    background: JoinSet<()>,
}

impl Server {
    /// Binds both ports and starts the work in the background. Neither Postgres nor Redis needs
    /// to be up.
    ///
    /// # Errors
    /// If a port cannot be bound, or a certificate cannot be used.
    pub fn build(settings: Settings) -> anyhow::Result<Self> {
        tls::install_cryptography();
        // What may be refused comes first: nothing is at work yet.
        let (public_listener, public_address) = bind(settings.http.listen, "http.listen")?;
        let (ops_listener, ops_address) = bind(settings.ops.listen, "ops.listen")?;
        let metrics = Arc::<Metrics>::default();
        let certificate = certificate(&settings.http, &metrics)?;

        let readiness = Arc::<Readiness>::default();
        let store = Store::new(
            &settings.database,
            &settings.groups,
            &settings.privacy,
            Arc::clone(&metrics),
        )?;
        let redis = settings
            .redis
            .url
            .as_ref()
            .map(|url| redis::Client::open(url.connection_info().clone()))
            .transpose()?;
        let meters = Arc::new(Meters::new(meters_for(settings.auth.cache_capacity)));
        let usage = Arc::new(Recorder::new(
            Arc::clone(&meters),
            store.clone(),
            Arc::clone(&metrics),
        ));
        let keys = Arc::new(KeyCache::new(
            &settings.auth,
            store.clone(),
            meters,
            Arc::clone(&metrics),
        ));
        let token_keys = settings.auth.token_keys();

        let mut background = JoinSet::new();
        for worker in store.workers() {
            background.spawn(worker);
        }
        background.spawn({
            let (readiness, store) = (Arc::clone(&readiness), store.clone());
            async move { readiness.watch(store).await }
        });
        background.spawn(warn_of_orphaned_keys(
            Arc::clone(&readiness),
            store.clone(),
            token_keys.clone(),
        ));
        if let Some(client) = redis.clone() {
            let prefix = settings.redis.prefix.clone();
            background.spawn(auth::listen(client, prefix, Arc::clone(&keys)));
        }

        background.spawn(finish_filters(Arc::clone(&readiness), store.clone()));
        background.spawn(Arc::clone(&usage).run(settings.usage.flush_interval));
        background.spawn(usage::enforce_retention(
            store.clone(),
            settings.usage.retention,
        ));

        let prefix = settings.redis.prefix.clone();
        let state = Data::new(AppState {
            announcer: Announcer::new(redis.clone(), prefix, Arc::clone(&keys)),
            authenticator: Authenticator::new(token_keys, keys),
            limiter: RateLimiter::new(
                &settings.rate_limit,
                &settings.redis,
                redis,
                Arc::clone(&metrics),
            )?,
            failures: LocalLimiter::default(),
            failure_quota: settings.auth.failure_quota(),
            trusted_proxies: TrustedProxies::new(settings.http.trusted_proxies.clone()),
            body_budget: BodyBudget::new(settings.http.body_budget_kib),
            request_timeout: settings.http.request_timeout,
            readiness: Arc::clone(&readiness),
            store,
            metrics,
        });
        if let Some(certificate) = &certificate {
            background.spawn(Arc::clone(certificate).follow());
        }
        Ok(Self {
            public: serve_public(
                &settings,
                state.clone(),
                public_listener,
                certificate.as_ref(),
            )?,
            public_address,
            ops: serve_ops(state, ops_listener)?,
            ops_address,
            readiness,
            shutdown: settings.shutdown,
            usage,
            background,
        })
    }

    /// Where the public API listens.
    #[must_use]
    pub const fn public_address(&self) -> SocketAddr {
        self.public_address
    }

    /// Where probes and metrics are.
    #[must_use]
    pub const fn ops_address(&self) -> SocketAddr {
        self.ops_address
    }

    /// Serves until `stop` comes, then drains: `/readyz` turns red; after a delay, in which load
    /// balancers notice, no new connection is taken and what is in flight is finished.
    ///
    /// # Errors
    /// If a port fails.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        info!(public = %self.public_address, ops = %self.ops_address, "listening");
        let (public, ops) = (self.public.handle(), self.ops.handle());
        let drain = async {
            stop.await;
            info!("draining");
            self.readiness.drain();
            tokio::time::sleep(self.shutdown.drain_delay).await;
            stop_gracefully(&public, &ops).await;
        };
        let (served, ops_served, ()) = tokio::join!(self.public, self.ops, drain);
        // No more requests: what they counted is not to be lost.
        if timeout(LAST_FLUSH, self.usage.flush()).await.is_err() {
            warn!("the last usage of API keys was not written down in time");
        }
        served.context("the public port failed")?;
        ops_served.context("the operations port failed")?;
        drop(self.background);
        info!("stopped");
        Ok(())
    }
}

/// Meters of the keys in the cache, and of as many that left it and were not yet read.
fn meters_for(cache_capacity: u64) -> usize {
    usize::try_from(cache_capacity.saturating_mul(2)).unwrap_or(usize::MAX)
}

async fn stop_gracefully(public: &ServerHandle, ops: &ServerHandle) {
    public.stop(true).await;
    ops.stop(false).await;
}

fn serve_public(
    settings: &Settings,
    state: Data<AppState>,
    listener: TcpListener,
    certificate: Option<&Arc<Certificate>>,
) -> anyhow::Result<ActixServer> {
    let http = &settings.http;
    let workers = match http.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let server = HttpServer::new(move || {
        // The last one wrapped is the first to see a request.
        App::new()
            .app_data(state.clone())
            .configure(api::routes)
            .wrap(TracingLogger::<RequestLog>::new())
            .wrap(from_fn(api::with_request_id))
    })
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

fn serve_ops(state: Data<AppState>, listener: TcpListener) -> anyhow::Result<ActixServer> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .configure(api::ops_routes)
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}

fn certificate(http: &Http, metrics: &Arc<Metrics>) -> anyhow::Result<Option<Arc<Certificate>>> {
    http.tls_certificate
        .clone()
        .zip(http.tls_key.clone())
        .map(|(certificate, key)| Certificate::load(certificate, key, Arc::clone(metrics)))
        .transpose()
}

fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)
        .with_context(|| format!("cannot listen on {address} ({setting})"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Builds and drops filters by custom field that no call could wait for, and those of a replica
/// that was killed meanwhile.
async fn finish_filters(readiness: Arc<Readiness>, store: Store) {
    loop {
        tokio::time::sleep(ambient::jittered(FILTERS_PAUSE)).await;
        if readiness.can_serve()
            && let Err(cause) = store.finish_filters().await
        {
            debug!(%cause, "filters are left to be built");
        }
    }
}

/// A live key whose deployment secret is missing from `auth.token_key` is refused: say so.
async fn warn_of_orphaned_keys(readiness: Arc<Readiness>, store: Store, token_keys: TokenKeys) {
    while !readiness.can_serve() {
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    match auth::orphaned_keys(&store, &token_keys).await {
        Ok(orphans) => {
            for orphan in orphans {
                warn!("{orphan}");
            }
        }
        Err(cause) => warn!(%cause, "cannot check the secrets of live API keys"),
    }
}
