//! Writes the usage of API keys to the database.

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

/// Readings in one statement, which takes some milliseconds.
const FLUSH_SIZE: usize = 1000;

/// Writes the counts of all meters of this process to the database.
pub struct Recorder {
    meters: Arc<Meters>,
    store: Store,
    metrics: Arc<Metrics>,
    /// Locked during a flush, so that only one runs at a time.
    progress: Mutex<Progress>,
}

struct Progress {
    /// Identifies this process in the database.
    process: i64,
    /// The sequence number of the next statement. Its readings stay the same until the database has stored them.
    sequence: i64,
    /// Readings that are not written yet. The meters are read again after all of them are written.
    waiting: Vec<UsageReading>,
    is_failing: bool,
}

impl Recorder {
    /// Creates a recorder for these meters.
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

    /// Flushes in pauses of at most `interval`. Never returns.
    pub async fn run(self: Arc<Self>, interval: Duration) {
        loop {
            tokio::time::sleep(ambient::jittered(interval)).await;
            self.flush().await;
        }
    }

    /// Writes all counts to the database. Counts that cannot be written are kept for the next flush.
    pub async fn flush(&self) {
        let mut progress = self.progress.lock().await;
        match self.write(&mut progress).await {
            Ok(()) => {
                self.metrics.keys.usage_flushed(ambient::now());
                if std::mem::take(&mut progress.is_failing) {
                    info!("the usage of API keys is written to the database again");
                }
            }
            Err(cause) => {
                self.metrics.keys.usage_flush_failed();
                if !std::mem::replace(&mut progress.is_failing, true) {
                    warn!(%cause, "cannot write the usage of API keys to the database: it is kept and retried");
                }
            }
        }
    }

    async fn write(&self, progress: &mut Progress) -> Result<(), StoreError> {
        // The readings of a failed flush come first, with their sequence number.
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
