//! Chooses the server in `database.url` to connect to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deadpool_postgres::Connect;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rand::RngExt;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::{Host, LoadBalanceHosts};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Error, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;
use tracing::warn;

use crate::ambient;

const DEFAULT_PORT: u16 = 5432;

/// A connection that its caller has to poll.
pub(in crate::store) type Driver =
    Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// Tries the servers one after the other, beginning with the last one that worked. Each gets the timeout
/// of a new connection. The driver's own timeout ends with the TCP handshake: a server that accepts
/// connections and sends nothing would block it from the others.
#[derive(Clone)]
pub(in crate::store) struct Hosts {
    connector: MakeRustlsConnect,
    timeout: Duration,
    /// The server to begin with. Clones share it, so that after a failover none of them tries the old server
    /// first, which may be running again.
    first: Arc<AtomicUsize>,
}

/// An attempt to connect to one server. When it ends, it records the server that the next call begins with.
/// If its caller gave up, the server was silent, and that is the next one.
struct Turn<'a> {
    first: &'a AtomicUsize,
    next: usize,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.first.store(self.next, Ordering::Relaxed);
    }
}

impl Hosts {
    pub(in crate::store) fn new(connector: MakeRustlsConnect, timeout: Duration) -> Self {
        Self {
            connector,
            timeout,
            first: Arc::default(),
        }
    }

    /// How long all servers of a URL may take together.
    pub(in crate::store) fn patience(config: &Config, timeout: Duration) -> Duration {
        let count = config.get_hosts().len().max(config.get_hostaddrs().len());
        timeout * u32::try_from(count).unwrap_or(1).max(1)
    }

    /// Connects to the first server that accepts. Its caller needs a timeout for the case that no server
    /// answers.
    pub(in crate::store) async fn connect(
        &self,
        config: &Config,
    ) -> Result<(Client, Driver), Error> {
        let servers = self.servers(config).await;
        let first = match config.get_load_balance_hosts() {
            LoadBalanceHosts::Random => ambient::random().random_range(0..servers.len()),
            _ => self.first.load(Ordering::Relaxed),
        };
        let mut refusal = None::<Error>;
        for turn in 0..servers.len() {
            let number = (first + turn) % servers.len();
            let mut turn = Turn {
                first: &self.first,
                next: number + 1,
            };
            let connecting = servers[number].connect(self.connector.clone());
            match timeout(self.timeout, connecting).await {
                Ok(Ok(connected)) => {
                    turn.next = number;
                    return Ok(connected);
                }
                // An answer of a server explains more than the unreachability of another one.
                Ok(Err(error)) => {
                    if error.as_db_error().is_some() || refusal.is_none() {
                        refusal = Some(error);
                    }
                }
                Err(_) => {}
            }
        }
        match refusal {
            Some(error) => Err(error),
            None => std::future::pending().await,
        }
    }

    /// A configuration for each address of each host, never none.
    async fn servers(&self, config: &Config) -> Vec<Config> {
        let (hosts, addresses) = (config.get_hosts(), config.get_hostaddrs());
        let ports = config.get_ports();
        let count = hosts.len().max(addresses.len());
        let fits = |length: usize| length == count || length == 0;
        if count == 0 || !fits(hosts.len()) || !fits(addresses.len()) {
            // The driver reports what is wrong.
            return vec![config.clone()];
        }
        let mut servers = vec![];
        for number in 0..count {
            let port = ports.get(number).or(ports.first()).copied();
            let port = port.unwrap_or(DEFAULT_PORT);
            let mut server = without_hosts(config);
            server.port(port);
            match hosts.get(number) {
                Some(Host::Tcp(name)) => {
                    server.host(name);
                }
                #[cfg(unix)]
                Some(Host::Unix(path)) => {
                    server.host_path(path);
                }
                None => {}
            }
            if let Some(address) = addresses.get(number) {
                server.hostaddr(*address);
            } else if let Some(Host::Tcp(name)) = hosts.get(number)
                && let Ok(Ok(found)) =
                    timeout(self.timeout, tokio::net::lookup_host((name.as_str(), port))).await
            {
                let mut found: Vec<_> = found.map(|address| address.ip()).collect();
                // Name servers return addresses in any order. Sorting keeps the number of each.
                found.sort_unstable();
                found.dedup();
                servers.extend(found.into_iter().map(|address| {
                    let mut server = server.clone();
                    server.hostaddr(address);
                    server
                }));
                continue;
            }
            servers.push(server);
        }
        servers
    }
}

impl Connect for Hosts {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let config = config.clone();
        async move {
            let (client, driver) = Self::connect(self, &config).await?;
            let driving = tokio::spawn(async move {
                if let Err(error) = driver.await {
                    warn!("a connection to the database broke: {error}");
                }
            });
            Ok((client, driving))
        }
        .boxed()
    }
}

/// Copies a configuration without its hosts, because the driver can only add hosts.
fn without_hosts(config: &Config) -> Config {
    let mut copy = Config::new();
    if let Some(user) = config.get_user() {
        copy.user(user);
    }
    if let Some(password) = config.get_password() {
        copy.password(password);
    }
    if let Some(name) = config.get_dbname() {
        copy.dbname(name);
    }
    if let Some(options) = config.get_options() {
        copy.options(options);
    }
    if let Some(name) = config.get_application_name() {
        copy.application_name(name);
    }
    if let Some(connect_timeout) = config.get_connect_timeout() {
        copy.connect_timeout(*connect_timeout);
    }
    if let Some(user_timeout) = config.get_tcp_user_timeout() {
        copy.tcp_user_timeout(*user_timeout);
    }
    if let Some(interval) = config.get_keepalives_interval() {
        copy.keepalives_interval(interval);
    }
    if let Some(retries) = config.get_keepalives_retries() {
        copy.keepalives_retries(retries);
    }
    copy.keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle())
        .ssl_mode(config.get_ssl_mode())
        .ssl_negotiation(config.get_ssl_negotiation())
        .target_session_attrs(config.get_target_session_attrs())
        .channel_binding(config.get_channel_binding())
        .load_balance_hosts(config.get_load_balance_hosts());
    copy
}
