//! The service in a test, with its own database and Redis prefix.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use reqwest::Client;
use rubrica::config::Settings;
use rubrica::domain::Actor;
use rubrica::server::Server;
use rubrica::store::Store;
use tokio::sync::oneshot;

use super::eventually::eventually;
use super::proxy::Proxy;
use super::servers::{Postgres, Redis, fresh_database, postgres, redis, unique_prefix};

const TOKEN_SECRET: &str = "a token secret of the tests that is long enough";
const SESSION_SECRET: &str = "a session secret of the tests that is long enough";
const SUPPRESSION_SECRET: &str = "a suppression secret of the tests that is long enough";

/// The servers and settings of an application; by default the shared servers and the default settings.
#[derive(Default)]
pub struct Options<'a> {
    pub postgres: Option<&'a Postgres>,
    pub redis: Option<&'a Redis>,
    pub without_redis: bool,
    pub database: Option<String>,
    pub prefix: Option<String>,
    /// Settings as `section.key`.
    pub settings: Vec<(&'a str, String)>,
}

/// A running service. Ends when it is dropped.
pub struct TestApp {
    pub address: SocketAddr,
    pub ops_address: SocketAddr,
    /// Set if the admin API has its own port.
    pub admin_address: Option<SocketAddr>,
    pub settings: Settings,
    /// What the settings were read from.
    pub variables: BTreeMap<String, String>,
    pub store: Store,
    pub http: Client,
    pub(super) database_url: String,
    pub(super) actor: Actor,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// The settings of an application, as the environment would give them.
pub fn environment(database_url: &str, migrate_url: &str) -> BTreeMap<String, String> {
    [
        ("DATABASE__URL", database_url),
        ("DATABASE__MIGRATE_URL", migrate_url),
        ("DATABASE__SERVICE_ROLE", "rubrica_service"),
        ("HTTP__LISTEN", "127.0.0.1:0"),
        ("HTTP__WORKERS", "2"),
        ("OPS__LISTEN", "127.0.0.1:0"),
        ("SHUTDOWN__DRAIN_DELAY", "0s"),
        ("SHUTDOWN__TIMEOUT", "5s"),
        // Changes must be announced: no test passes only because a cached key expired. An outage of the
        // database is met by the calls themselves and not by their authentication.
        ("AUTH__CACHE_TTL", "1h"),
        ("AUTH__TOKEN_KEY", TOKEN_SECRET),
        ("AUTH__JWT_KEY", SESSION_SECRET),
        ("PRIVACY__SUPPRESSION_KEY", SUPPRESSION_SECRET),
    ]
    .into_iter()
    .map(|(key, value)| (format!("RUBRICA__{key}"), value.to_owned()))
    .collect()
}

/// Brings a database up to date, as the owner.
pub async fn migrate(server: &Postgres, database: &str) {
    let owner = server.url("rubrica_owner", database);
    let settings = Settings::load(None, environment(&owner, &owner)).expect("settings are right");
    rubrica::store::migrate(&settings.database)
        .await
        .expect("the database is migrated");
}

impl TestApp {
    /// Starts the service on the shared servers.
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// Starts the service with some settings changed, given as `section.key`.
    pub async fn with_settings(settings: &[(&str, &str)]) -> Self {
        let settings = settings
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned()))
            .collect();
        Self::with(Options {
            settings,
            ..Options::default()
        })
        .await
    }

    /// Starts the service, and waits until it is ready.
    pub async fn with(options: Options<'_>) -> Self {
        let app = Self::start_unready(options).await;
        app.wait_until_ready().await;
        app
    }

    /// Starts the service with a new database on `server`, behind a proxy that can hold the replies of Postgres.
    pub async fn behind_proxy(
        server: &Postgres,
        settings: &[(&'static str, &str)],
    ) -> (Self, Proxy) {
        let database = server.empty_database().await;
        migrate(server, &database).await;
        let proxy = Proxy::to(server.port()).await;
        let url = format!(
            "postgres://rubrica_service@127.0.0.1:{}/{database}?sslmode=disable",
            proxy.port
        );
        let settings = settings
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned()));
        let app = Self::with(Options {
            postgres: Some(server),
            database: Some(database),
            settings: settings.chain([("database.url", url)]).collect(),
            ..Options::default()
        })
        .await;
        (app, proxy)
    }

    /// Starts another replica on the same database and Redis prefix, with some settings changed.
    pub async fn replica(&self, settings: &[(&'static str, &str)]) -> Self {
        let settings = settings
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned()))
            .collect();
        Self::with(Options {
            database: Some(self.database().to_owned()),
            prefix: Some(self.settings.redis.prefix.clone()),
            settings,
            ..Options::default()
        })
        .await
    }

    /// Starts another replica that reaches the same database through a proxy.
    pub async fn replica_behind(&self, proxy: &Proxy, settings: &[(&'static str, &str)]) -> Self {
        let url = format!(
            "postgres://rubrica_service@127.0.0.1:{}/{}?sslmode=disable",
            proxy.port,
            self.database()
        );
        let settings = [settings, &[("database.url", url.as_str())]].concat();
        self.replica(&settings).await
    }

    /// Starts the service, ready or not.
    pub async fn start_unready(options: Options<'_>) -> Self {
        let server = match options.postgres {
            Some(server) => server,
            None => postgres().await,
        };
        let database = match options.database {
            Some(database) => database,
            None => fresh_database().await,
        };
        let database_url = server.url("postgres", &database);
        let mut variables = environment(
            &server.url("rubrica_service", &database),
            &server.url("rubrica_owner", &database),
        );
        if !options.without_redis {
            let redis = match options.redis {
                Some(redis) => redis,
                None => redis().await,
            };
            let prefix = options.prefix.unwrap_or_else(unique_prefix);
            variables.insert("RUBRICA__REDIS__URL".to_owned(), redis.url());
            variables.insert("RUBRICA__REDIS__PREFIX".to_owned(), prefix);
            // A slow machine must not look like an outage.
            variables.insert("RUBRICA__REDIS__TIMEOUT".to_owned(), "1s".to_owned());
        }
        for (key, value) in options.settings {
            let name = key.to_uppercase().replace('.', "__");
            variables.insert(format!("RUBRICA__{name}"), value);
        }
        Self::serve(variables, database_url)
    }

    fn serve(variables: BTreeMap<String, String>, database_url: String) -> Self {
        let settings = Settings::load(None, variables.clone()).expect("settings are right");
        let (stop, stopped) = oneshot::channel::<()>();
        let (addresses, bound) = std::sync::mpsc::channel();
        let thread = std::thread::spawn({
            let settings = settings.clone();
            move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(1)
                    .enable_all()
                    .build()
                    .expect("a runtime starts");
                runtime.block_on(async {
                    let server = Server::build(settings).expect("the server is built");
                    let all = (
                        server.public_address(),
                        server.ops_address(),
                        server.admin_address(),
                    );
                    addresses.send(all).expect("the test waits");
                    let stop = async { drop(stopped.await) };
                    server.run(stop).await.expect("the server runs");
                });
            }
        });
        let (address, ops_address, admin_address) = bound.recv().expect("the server is bound");
        let store = Store::new(
            &settings.database,
            &settings.batching,
            &settings.fair_share,
            &settings.privacy,
            Arc::default(),
        )
        .expect("a store");
        store.workers().map(tokio::spawn).for_each(drop);
        Self {
            address,
            ops_address,
            admin_address,
            settings,
            variables,
            store,
            http: Client::builder().no_proxy().build().expect("a client"),
            database_url,
            actor: Actor::command_line("tester", "tests"),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Waits until `/readyz` is green.
    pub async fn wait_until_ready(&self) {
        let readiness = async || self.ops("/readyz").await;
        eventually("readiness", readiness, |answer| answer.status == 200).await;
    }

    /// Begins to stop the service, as SIGTERM does.
    pub fn begin_stop(&mut self) {
        drop(self.stop.take());
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.begin_stop();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(
                ended.is_ok() || std::thread::panicking(),
                "the service panicked"
            );
        }
    }
}
