//! Which idle connections may be lent again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool_postgres::{ClientWrapper, Hook, HookError, Metrics};
use tokio::time::timeout;

use super::current_server::CurrentServer;
use crate::ambient::{self, Stopwatch};

/// A connection that was not used for so long is asked first whether it works. A busy one never is: that
/// would be a round trip for each call.
const IDLE: Duration = Duration::from_secs(1);
const PING_TIMEOUT: Duration = Duration::from_millis(500);
/// A server that is known to be slow has so many times as long as its last answer took.
const SLOWER: u32 = 3;

/// How long the last answer of a server took. A slow server is not a silent one: to connect again takes it
/// several answers more, and would make every call too late.
#[derive(Default)]
pub(super) struct AnswerTime(AtomicU64);

impl AnswerTime {
    pub(super) fn observe(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.0.store(micros, Ordering::Relaxed);
    }

    /// How long a ping may take; `most` is what a new connection may.
    fn ping_timeout(&self, most: Duration) -> Duration {
        let last = Duration::from_micros(self.0.load(Ordering::Relaxed));
        last.saturating_mul(SLOWER).min(most).max(PING_TIMEOUT)
    }
}

/// Refuses connections that are older than a lifetime, those that lead to another server than new ones do,
/// and those whose server has vanished. A server that
/// froze, or a network that swallows, sends no word of it: else a caller for each connection would
/// find out, at its deadline.
pub(super) fn check(
    lifetime: Duration,
    connect_timeout: Duration,
    current_server: &Arc<CurrentServer>,
    answer_time: &Arc<AnswerTime>,
) -> Hook {
    let epoch = ambient::instant();
    // When a connection was last found silent: those that were idle then are not worth a ping.
    let silent_at = Arc::new(Mutex::new(None::<Instant>));
    let current_server = Arc::clone(current_server);
    let answer_time = Arc::clone(answer_time);
    Hook::async_fn(move |client: &mut ClientWrapper, metrics: &Metrics| {
        let silent_at = Arc::clone(&silent_at);
        let answer_time = Arc::clone(&answer_time);
        let is_old = metrics.age() > own_lifetime(lifetime, metrics.created - epoch);
        let is_replaced = current_server.has_replaced(metrics.created);
        let is_idle = metrics.last_used() > IDLE;
        let last_used = metrics.recycled.unwrap_or(metrics.created);
        Box::pin(async move {
            if is_old {
                return Err(HookError::message("the connection is old"));
            }
            if is_replaced {
                return Err(HookError::message("new connections lead to another server"));
            }
            if !is_idle {
                return Ok(());
            }
            let silent = || silent_at.lock().unwrap_or_else(PoisonError::into_inner);
            if silent().is_some_and(|silent| last_used < silent) {
                return Err(HookError::message("another connection was silent"));
            }
            let asked = Stopwatch::default();
            let ping_timeout = answer_time.ping_timeout(connect_timeout);
            let Ok(answer) = timeout(ping_timeout, client.simple_query("")).await else {
                *silent() = Some(ambient::instant());
                return Err(HookError::message("the connection is silent"));
            };
            answer_time.observe(asked.elapsed());
            answer.map(drop).map_err(HookError::Backend)
        })
    })
}

/// Between half and all of a lifetime, so that connections that were made together do not end together:
/// the microsecond in which each was made decides.
fn own_lifetime(lifetime: Duration, made: Duration) -> Duration {
    let thousandths = made.subsec_micros() % 1000;
    lifetime * (2000 - thousandths) / 2000
}
