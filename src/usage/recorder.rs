//! What writes readings down.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use tokio::sync::Mutex;
use tracing::{info, warn};

use super::Meters;
use crate::ambient;
use crate::domain::UsageReading;
use crate::metrics::Metrics;
use crate::store::{Store, StoreError};

/// Hours of keys in one statement: some milliseconds of work.
const FLUSH_SIZE: usize = 1000;

/// Writes down what the meters of this process counted.
pub struct Recorder {
    meters: Arc<Meters>,
    store: Store,
    metrics: Arc<Metrics>,
    /// One flush at a time.
    progress: Mutex<Progress>,
}

struct Progress {
    /// Names this process in the database.
    process: i64,
    /// Numbers the next flush. Its content stays the same until the database has it.
    sequence: i64,
    /// What was read and not yet written down. Meters are read again when it is.
    waiting: Vec<UsageReading>,
    is_failing: bool,
}

impl Recorder {
    /// Will write down what is counted on these meters.
    #[must_use]
    pub fn new(meters: Arc<Meters>, store: Store, metrics: Arc<Metrics>) -> Self {
        Self {
            meters,
            store,
            metrics,
            progress: Mutex::new(Progress {
                process: ambient::random().random(),
                sequence: 1,
                waiting: Vec::new(),
                is_failing: false,
            }),
        }
    }

    /// Flushes for as long as the process lives, with pauses of at most `interval`.
    pub async fn run(self: Arc<Self>, interval: Duration) {
        loop {
            tokio::time::sleep(ambient::jittered(interval)).await;
            self.flush().await;
        }
    }

    /// Writes down what was counted up to now. What cannot be written stays for the next flush.
    pub async fn flush(&self) {
        let mut progress = self.progress.lock().await;
        match self.write(&mut progress).await {
            Ok(()) => {
                self.metrics.keys.usage_flushed(ambient::now());
                if std::mem::take(&mut progress.is_failing) {
                    info!("the usage of API keys is written down again");
                }
            }
            Err(cause) => {
                self.metrics.keys.usage_flush_failed();
                if !std::mem::replace(&mut progress.is_failing, true) {
                    warn!(%cause, "the usage of API keys is written down later");
                }
            }
        }
    }

    async fn write(&self, progress: &mut Progress) -> Result<(), StoreError> {
        // What an earlier flush left comes first, under its number.
        self.write_waiting(progress).await?;
        progress.waiting = self.meters.read();
        self.write_waiting(progress).await
    }

    async fn write_waiting(&self, progress: &mut Progress) -> Result<(), StoreError> {
        while !progress.waiting.is_empty() {
            let size = progress.waiting.len().min(FLUSH_SIZE);
            let readings = &progress.waiting[..size];
            let (process, sequence) = (progress.process, progress.sequence);
            self.store.record_usage(process, sequence, readings).await?;
            progress.sequence += 1;
            progress.waiting.drain(..size);
        }
        Ok(())
    }
}
