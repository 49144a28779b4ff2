//! Whether Redis is asked: a circuit breaker that one failure opens, and that closes when Redis has
//! answered the limiter's own script on each connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::RedisError;
use tokio::sync::watch;
use tracing::{info, warn};

use super::redis_limiter::RedisLimiter;
use crate::ambient::Stopwatch;
use crate::metrics::Metrics;

/// The pause before a Redis that failed is probed; twice as long after each return that did not last.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long Redis has to answer without a failure until it counts as well again.
const STEADY: Duration = Duration::from_secs(10);

/// Shared by its clones.
#[derive(Clone)]
pub(super) struct Breaker {
    limiter: RedisLimiter,
    state: Arc<watch::Sender<State>>,
    /// Whether an error that may concern one key alone is being looked into.
    is_checking: Arc<AtomicBool>,
    metrics: Arc<Metrics>,
}

#[derive(Clone, Copy)]
enum State {
    /// Redis decides.
    Closed,
    /// Redis is not asked, since then.
    Open(Stopwatch),
    /// Redis decides again, since then, and is not trusted yet: another failure is nothing new.
    OnProbation(Stopwatch),
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

    /// Whether Redis is not to be asked.
    pub(super) fn is_open(&self) -> bool {
        matches!(*self.state.borrow(), State::Open(_))
    }

    /// For how long Redis has not been asked; zero: it is.
    pub(super) fn open_for(&self) -> Duration {
        match *self.state.borrow() {
            State::Open(since) => since.elapsed(),
            State::Closed | State::OnProbation(_) => Duration::ZERO,
        }
    }

    /// Judges the error of a call. Redis that answers with an error is well if it answers the same
    /// script for other keys: then something is wrong with what it holds for this one.
    pub(super) fn failed(&self, error: &RedisError, asked: Stopwatch) {
        let cause = error.category().to_owned();
        self.metrics.limits.redis_failed(&cause);
        if error.code().is_none() {
            return self.open(&cause, asked);
        }
        if self.is_checking.swap(true, Ordering::Relaxed) {
            return;
        }
        let breaker = self.clone();
        tokio::spawn(async move {
            let probed = breaker.limiter.probe().await;
            breaker.is_checking.store(false, Ordering::Relaxed);
            if probed.is_err() {
                breaker.open(&cause, asked);
            }
        });
    }

    /// The first failure says so, and starts the way back. Failures of calls from before the last
    /// return say nothing about the connections of now.
    fn open(&self, cause: &str, asked: Stopwatch) {
        self.state.send_if_modified(|state| {
            match state {
                State::Open(_) => return false,
                State::OnProbation(since) if asked.elapsed() > since.elapsed() => return false,
                State::OnProbation(_) => {}
                State::Closed => {
                    self.metrics.limits.set_fallback(true);
                    warn!(
                        cause,
                        "Redis is out of reach or refuses: rate limits are not shared"
                    );
                    tokio::spawn(self.clone().return_to_redis());
                }
            }
            *state = State::Open(Stopwatch::default());
            true
        });
    }

    /// Runs from the first failure until Redis is well.
    async fn return_to_redis(self) {
        let mut states = self.state.subscribe();
        let mut pause = FIRST_PAUSE;
        loop {
            tokio::time::sleep(pause).await;
            if !self.limiter.reconnect().await {
                continue;
            }
            self.state
                .send_replace(State::OnProbation(Stopwatch::default()));
            let failure = states.wait_for(|state| matches!(state, State::Open(_)));
            if tokio::time::timeout(STEADY, failure).await.is_err() && self.close() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Trusts Redis again, unless it has just failed.
    fn close(&self) -> bool {
        self.state.send_if_modified(|state| {
            if matches!(state, State::Open(_)) {
                return false;
            }
            self.metrics.limits.set_fallback(false);
            info!("Redis is back: rate limits are shared again");
            *state = State::Closed;
            true
        })
    }
}
