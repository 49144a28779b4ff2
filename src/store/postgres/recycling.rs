//! Decides which idle connections may be lent again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool_postgres::{ClientWrapper, Hook, HookError, Metrics};
use tokio::time::timeout;

use super::current_server::CurrentServer;
use crate::ambient::{self, Stopwatch};

/// A connection that was idle for this long is pinged before it is lent. A busy connection is not pinged:
/// that would cost a round trip for each call.
const IDLE: Duration = Duration::from_secs(1);
const PING_TIMEOUT: Duration = Duration::from_millis(500);
/// A ping may take this many times as long as the server's last answer.
const SLOWER: u32 = 3;

/// How long the last answer of a server took. A slow server must not count as a silent one: a new
/// connection takes several round trips, after which every call would be too late.
#[derive(Default)]
pub(super) struct AnswerTime(AtomicU64);

impl AnswerTime {
    pub(super) fn observe(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.0.store(micros, Ordering::Relaxed);
    }

    /// How long a ping may take: at most `most`, which is the timeout of a new connection.
    fn ping_timeout(&self, most: Duration) -> Duration {
        let last = Duration::from_micros(self.0.load(Ordering::Relaxed));
        last.saturating_mul(SLOWER).min(most).max(PING_TIMEOUT)
    }
}

/// Refuses connections that are older than a lifetime, that lead to another server than new ones do, or
/// whose server does not answer. A frozen server and a network that drops packets close no connection.
/// Without a ping, one caller per connection would wait until its deadline.
pub(super) fn check(
    lifetime: Duration,
    connect_timeout: Duration,
    current_server: &Arc<CurrentServer>,
    answer_time: &Arc<AnswerTime>,
) -> Hook {
    let epoch = ambient::instant();
    // When a ping last failed. Connections that were idle then are closed without a ping.
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

/// Between half of a lifetime and all of it, so that connections that were opened together are not closed
/// together. The microsecond in which a connection was opened decides.
fn own_lifetime(lifetime: Duration, made: Duration) -> Duration {
    let thousandths = made.subsec_micros() % 1000;
    lifetime * (2000 - thousandths) / 2000
}
