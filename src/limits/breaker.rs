//! The circuit breaker in front of Redis. One failure opens it. It closes after Redis has run the limiter's script
//! on each connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::RedisError;
use tokio::sync::watch;
use tracing::{info, warn};

use super::redis_limiter::RedisLimiter;
use crate::ambient::Stopwatch;
use crate::metrics::Metrics;

/// The pause before Redis is probed after a failure. It doubles each time Redis fails again within [`STEADY`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The breaker closes after Redis has answered without a failure for this long.
const STEADY: Duration = Duration::from_secs(10);

/// The clones share one state.
#[derive(Clone)]
pub(super) struct Breaker {
    limiter: RedisLimiter,
    state: Arc<watch::Sender<State>>,
    /// Whether a probe is running that finds out if an error concerns only one key.
    is_checking: Arc<AtomicBool>,
    metrics: Arc<Metrics>,
}

#[derive(Clone, Copy)]
enum State {
    /// Redis decides about requests.
    Closed,
    /// Redis is not called. Holds the time since it opened.
    Open(Stopwatch),
    /// Redis decides again, but another failure opens the breaker without a log line. Holds the time since then.
    HalfOpen(Stopwatch),
}

impl Breaker {
    pub(super) fn new(limiter: RedisLimiter, metrics: Arc<Metrics>) -> Self {
        Self {
            limiter,
            state: Arc::new(watch::Sender::new(State::Closed)),
            is_checking: Arc::default(),
            metrics,
        }
    }

    /// Whether Redis must not be called.
    pub(super) fn is_open(&self) -> bool {
        matches!(*self.state.borrow(), State::Open(_))
    }

    /// How long Redis has not been called; zero if it is called.
    pub(super) fn open_for(&self) -> Duration {
        match *self.state.borrow() {
            State::Open(since) => since.elapsed(),
            State::Closed | State::HalfOpen(_) => Duration::ZERO,
        }
    }

    /// Handles the error of a call that started at `started`. A network error opens the breaker. If Redis answered
    /// with an error, the script is run for other keys, and the breaker opens only if that fails as well: else
    /// only the data of this key is wrong.
    pub(super) fn record_failure(&self, error: &RedisError, started: Stopwatch) {
        let cause = error.category().to_owned();
        self.metrics.limits.redis_failed(&cause);
        if error.code().is_none() {
            return self.open(&cause, started);
        }
        if self.is_checking.swap(true, Ordering::Relaxed) {
            return;
        }
        let breaker = self.clone();
        tokio::spawn(async move {
            let probed = breaker.limiter.probe().await;
            breaker.is_checking.store(false, Ordering::Relaxed);
            if probed.is_err() {
                breaker.open(&cause, started);
            }
        });
    }

    /// Opens the breaker. The first failure is logged and starts the recovery. Failures of calls that started before
    /// the last reconnect are ignored, because they used the old connections.
    fn open(&self, cause: &str, started: Stopwatch) {
        self.state.send_if_modified(|state| {
            match state {
                State::Open(_) => return false,
                State::HalfOpen(since) if started.elapsed() > since.elapsed() => return false,
                State::HalfOpen(_) => {}
                State::Closed => {
                    self.metrics.limits.set_fallback(true);
                    warn!(
                        cause,
                        "Redis is unavailable: each replica applies rate limits on its own"
                    );
                    tokio::spawn(self.clone().recover());
                }
            }
            *state = State::Open(Stopwatch::default());
            true
        });
    }

    /// Probes Redis from the first failure until the breaker closes.
    async fn recover(self) {
        let mut states = self.state.subscribe();
        let mut pause = FIRST_PAUSE;
        loop {
            tokio::time::sleep(pause).await;
            if !self.limiter.reconnect().await {
                continue;
            }
            self.state
                .send_replace(State::HalfOpen(Stopwatch::default()));
            let failure = states.wait_for(|state| matches!(state, State::Open(_)));
            if tokio::time::timeout(STEADY, failure).await.is_err() && self.close() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Closes the breaker, unless Redis has just failed. Returns whether it closed.
    fn close(&self) -> bool {
        self.state.send_if_modified(|state| {
            if matches!(state, State::Open(_)) {
                return false;
            }
            self.metrics.limits.set_fallback(false);
            info!("Redis is available again: rate limits are shared again");
            *state = State::Closed;
            true
        })
    }
}
