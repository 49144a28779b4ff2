//! The process of `rubrica serve`: its parts, its start and its graceful shutdown.

mod background;
mod ports;
mod retention;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server as ActixServer, ServerHandle};
use actix_web::web::Data;
use anyhow::Context;
use ports::{bind, certificate, serve_admin, serve_ops, serve_public};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::administration::Administration;
use crate::auth::{Authenticator, InvalidationPublisher, KeyCache, PublishError};
use crate::config::{Redis, Settings, Shutdown};
use crate::fair_share::FairShares;
use crate::http::{AppState, FailureLimit, TrustedProxies};
use crate::limits::{LocalLimiter, RateLimiter};
use crate::metrics::Metrics;
use crate::readiness::Readiness;
use crate::store::Store;
use crate::tls;
use crate::usage::{Meters, Recorder};

/// How long the shutdown waits until the last usage of API keys is written.
const LAST_FLUSH: Duration = Duration::from_secs(2);

/// A process whose ports are bound, before it serves requests.
pub struct Server {
    public: ActixServer,
    public_address: SocketAddr,
    admin: Option<(ActixServer, SocketAddr)>,
    ops: ActixServer,
    ops_address: SocketAddr,
    readiness: Arc<Readiness>,
    shutdown: Shutdown,
    usage: Arc<Recorder>,
    /// The background tasks. They stop with the server.
    background: JoinSet<()>,
}

impl Server {
    /// Binds the ports and starts the background tasks. Postgres and Redis do not have to be reachable.
    ///
    /// # Errors
    /// If a port cannot be bound, or the certificate is invalid.
    pub fn build(settings: Settings) -> anyhow::Result<Self> {
        tls::install_cryptography();
        // Steps that may fail come first, before any task runs.
        let (public_listener, public_address) = bind(settings.http.listen, "http.listen")?;
        let (ops_listener, ops_address) = bind(settings.ops.listen, "ops.listen")?;
        let admin_listener = settings
            .admin
            .listen
            .map(|address| bind(address, "admin.listen"))
            .transpose()?;
        let metrics = Arc::<Metrics>::default();
        let certificate = certificate(&settings.http, &metrics)?;

        let readiness = Arc::<Readiness>::default();
        let store = Store::new(
            &settings.database,
            &settings.batching,
            &settings.fair_share,
            &settings.privacy,
            Arc::clone(&metrics),
        )?;
        let redis = redis_client(&settings.redis)?;
        let meters = Arc::new(Meters::new(meter_capacity(settings.auth.cache_capacity)));
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
        let mut background =
            background::start(&settings, &store, &readiness, redis.as_ref(), &keys, &usage);

        let prefix = settings.redis.prefix.clone();
        let invalidations = Arc::new(InvalidationPublisher::new(
            redis.clone(),
            prefix,
            Some(Arc::clone(&keys)),
            warn_about_unpublished_change,
        ));
        let state = Data::new(AppState {
            administration: Administration::new(
                &settings,
                store.clone(),
                Arc::clone(&invalidations),
                Arc::clone(&metrics),
            )?,
            admin_calls: LocalLimiter::default(),
            admin_quota: settings.admin.quota,
            invalidations,
            authenticator: Authenticator::new(settings.auth.token_keys(), keys),
            limiter: RateLimiter::new(
                &settings.rate_limit,
                &settings.redis,
                redis,
                Arc::clone(&metrics),
            )?,
            failures: FailureLimit::new(settings.auth.failure_quota),
            trusted_proxies: Arc::new(TrustedProxies::new(settings.http.trusted_proxies.clone())),
            fair_shares: FairShares::new(settings.fair_share.clone(), Arc::clone(&metrics)),
            request_timeout: settings.http.request_timeout,
            body_rate: settings.http.body_rate_kib.saturating_mul(1024),
            readiness: Arc::clone(&readiness),
            store,
            metrics,
        });
        if let Some(certificate) = &certificate {
            background.spawn(Arc::clone(certificate).watch());
        }
        Ok(Self {
            public: serve_public(
                &settings,
                state.clone(),
                public_listener,
                certificate.as_ref(),
            )?,
            public_address,
            admin: admin_listener
                .map(|(listener, address)| {
                    serve_admin(&settings, state.clone(), listener, certificate.as_ref())
                        .map(|server| (server, address))
                })
                .transpose()?,
            ops: serve_ops(state, ops_listener)?,
            ops_address,
            readiness,
            shutdown: settings.shutdown,
            usage,
            background,
        })
    }

    /// The address of the public API.
    #[must_use]
    pub const fn public_address(&self) -> SocketAddr {
        self.public_address
    }

    /// The address of the admin API; `None` if the public port serves it.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(|(_, address)| *address)
    }

    /// The address of the probes and metrics.
    #[must_use]
    pub const fn ops_address(&self) -> SocketAddr {
        self.ops_address
    }

    /// Serves until `stop` completes, then drains: `/readyz` answers 503. After `shutdown.drain_delay`, in which load
    /// balancers remove the replica, no new connection is accepted and requests in flight are finished.
    ///
    /// # Errors
    /// If a port fails.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        info!(public = %self.public_address, ops = %self.ops_address, "listening");
        let (public, ops) = (self.public.handle(), self.ops.handle());
        let (admin, admin_address) = self.admin.unzip();
        if let Some(address) = admin_address {
            info!(%address, "the admin API listens on its own port");
        }
        let admin_handle = admin.as_ref().map(ActixServer::handle);
        let serve_admin = async {
            match admin {
                Some(server) => server.await,
                None => Ok(()),
            }
        };
        let drain = async {
            stop.await;
            info!("draining");
            self.readiness.drain();
            tokio::time::sleep(self.shutdown.drain_delay).await;
            stop_gracefully(&public, admin_handle.as_ref(), &ops).await;
        };
        let (served, admin_served, ops_served, ()) =
            tokio::join!(self.public, serve_admin, self.ops, drain);
        // The usage of the last requests must not be lost.
        if timeout(LAST_FLUSH, self.usage.flush()).await.is_err() {
            warn!("the last usage of API keys was not written in time and is lost");
        }
        served.context("the public port failed")?;
        admin_served.context("the admin port failed")?;
        ops_served.context("the operations port failed")?;
        drop(self.background);
        info!("stopped");
        Ok(())
    }
}

fn redis_client(settings: &Redis) -> anyhow::Result<Option<redis::Client>> {
    let url = settings.url.as_ref();
    let client = url.map(|url| redis::Client::open(url.connection_info().clone()));
    Ok(client.transpose()?)
}

/// The number of meters: one per cached key, and as many for keys that left the cache before their usage was written.
fn meter_capacity(cache_capacity: u64) -> usize {
    usize::try_from(cache_capacity.saturating_mul(2)).unwrap_or(usize::MAX)
}

async fn stop_gracefully(public: &ServerHandle, admin: Option<&ServerHandle>, ops: &ServerHandle) {
    let stop_admin = async {
        if let Some(admin) = admin {
            admin.stop(true).await;
        }
    };
    tokio::join!(public.stop(true), stop_admin);
    ops.stop(false).await;
}

fn warn_about_unpublished_change(error: PublishError) {
    if let PublishError::Unreachable(cause) = error {
        warn!(
            cause,
            "cannot publish a change: other replicas apply it when their cache entries expire"
        );
    }
}
