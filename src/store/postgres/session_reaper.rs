//! Ends the sessions of calls that were abandoned.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use deadpool_postgres::Object;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};
use tokio_postgres::{CancelToken, Config, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;
use tracing::debug;

use super::current_server::{CurrentServer, IDENTITY};
use super::hosts::Hosts;
use crate::ambient;

/// How long an abandoned statement may run before it is cancelled. Most finish by themselves, and then
/// their connection can be reused.
const GRACE: Duration = Duration::from_millis(200);
/// How long the server may take to accept a cancellation, and then to end the statement.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(1);
const CANCELLED_WITHIN: Duration = Duration::from_millis(500);
/// How long a slot is kept for a session that does not end although the server accepts connections, for
/// example because its disk hangs.
const STUCK_TIMEOUT: Duration = Duration::from_mins(1);

/// Ends abandoned sessions. Each keeps its slot in the pool until it has ended, so that the size of the
/// pool also bounds the sessions in Postgres.
pub(super) struct SessionReaper {
    connector: MakeRustlsConnect,
    config: Config,
    hosts: Hosts,
    connect_timeout: Duration,
    current_server: Arc<CurrentServer>,
    last_probe: Mutex<Option<Probe>>,
}

/// Whether the server answered a new connection.
#[derive(Clone, Copy)]
struct Probe {
    ended_at: Instant,
    is_reached: bool,
}

/// An abandoned session. Its connection is closed, even if the runtime stops.
struct Session(Option<Object>);

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}

/// Counts sessions that do not end although their server answers.
struct Stuck<'a>(&'a AtomicUsize);

impl<'a> Stuck<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Stuck<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl SessionReaper {
    /// Connects with `config`, whose servers get `connect_timeout` each.
    pub(super) fn new(
        config: Config,
        connect_timeout: Duration,
        connector: MakeRustlsConnect,
        hosts: &Hosts,
        current_server: &Arc<CurrentServer>,
    ) -> Self {
        Self {
            connector,
            connect_timeout: Hosts::patience(&config, connect_timeout),
            hosts: hosts.clone(),
            config,
            current_server: Arc::clone(current_server),
            last_probe: Mutex::default(),
        }
    }

    /// Waits until a session has ended, and cancels its statement after a while. `stuck` counts sessions that
    /// do not end.
    pub(super) async fn reap(&self, connection: Object, stuck: &AtomicUsize) {
        let mut session = Session(Some(connection));
        let ended_by_itself = match &session.0 {
            Some(connection) => self.ended_by_itself(connection, stuck).await,
            None => false,
        };
        if ended_by_itself {
            // It returns to the pool. A cancelled one is closed: a late cancellation must not hit another call.
            session.0 = None;
        }
    }

    async fn ended_by_itself(&self, connection: &Object, stuck: &AtomicUsize) -> bool {
        let connected_at = Object::metrics(connection).created;
        // Answers arrive in order: this one follows all outstanding ones.
        let mut last_answer = std::pin::pin!(connection.simple_query(""));
        if let Ok(answer) = timeout(GRACE, &mut last_answer).await {
            return answer.is_ok();
        }
        tokio::select! {
            _ = last_answer => {}
            () = self.current_server.replaces(connected_at) => {}
            () = self.cancel(connection.cancel_token(), stuck) => {
                debug!("an abandoned session did not end");
            }
        }
        false
    }

    /// Cancels a statement, and returns when waiting longer would not help.
    async fn cancel(&self, token: CancelToken, stuck: &AtomicUsize) {
        let since = ambient::instant();
        // Only the session shows whether the cancellation was accepted.
        let _ = timeout(CANCEL_TIMEOUT, token.cancel_query(self.connector.clone())).await;
        sleep(CANCELLED_WITHIN).await;
        // An unreachable server accepts no new sessions either, and drops the old ones itself.
        if self.is_reached(since).await {
            let _stuck = Stuck::new(stuck);
            sleep(STUCK_TIMEOUT).await;
        }
    }

    /// Whether a new connection succeeds, and to which server. Sessions that are abandoned at the same time
    /// share one attempt, because it needs a session in addition to those of the pools.
    async fn is_reached(&self, since: Instant) -> bool {
        let mut last = self.last_probe.lock().await;
        if let Some(probe) = *last
            && probe.ended_at >= since
        {
            return probe.is_reached;
        }
        let is_reached = timeout(self.connect_timeout, self.probe()).await;
        let is_reached = is_reached.unwrap_or(false);
        *last = Some(Probe {
            ended_at: ambient::instant(),
            is_reached,
        });
        is_reached
    }

    async fn probe(&self) -> bool {
        let (client, driver) = match self.hosts.connect(&self.config).await {
            Ok(connected) => connected,
            // A server that refuses the connection is reachable.
            Err(error) => return error.as_db_error().is_some(),
        };
        let connected_at = ambient::instant();
        let sql = format!("select {IDENTITY}");
        let asking = async {
            let answers = client.simple_query(&sql).await.ok()?;
            answers.iter().find_map(|answer| match answer {
                SimpleQueryMessage::Row(row) => row.get(0).map(ToOwned::to_owned),
                _ => None,
            })
        };
        // The connection is closed afterwards.
        let identity = tokio::select! {
            identity = asking => identity,
            _ = driver => None,
        };
        if let Some(identity) = &identity {
            self.current_server.learn(identity, connected_at);
        }
        identity.is_some()
    }
}
