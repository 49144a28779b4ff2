//! The timeouts of database calls, and the statements that set them.

use std::time::{Duration, Instant};

use super::error::AttemptError;
use crate::ambient::{self, request_time};
use crate::config::Database;

/// The lock timeout of a batch. It is short, because a lock on one contact delays all its calls.
const BATCH_LOCK_TIMEOUT: Duration = Duration::from_millis(100);
/// The grace beyond a deadline is this fraction of it.
const GRACE_PARTS: u32 = 10;

/// Fails on a standby (SQLSTATE 55000), whose data may be stale. `begin … read write` would fail, too,
/// but it would also override `default_transaction_read_only`.
const REFUSE_STANDBY: &str = "select pg_current_wal_lsn()";

/// The statements that begin transactions, and the deadline of a call.
///
/// The timeouts are set per transaction, not per session, because a connection pooler may run each
/// transaction on another connection.
pub(in crate::store) struct Timeouts {
    pub(in crate::store) write: TransactionStart,
    pub(in crate::store) batch: TransactionStart,
    pub(in crate::store) read: TransactionStart,
    pub(in crate::store) set_limits: String,
    batch_lock_timeout: Duration,
    statement_timeout: Duration,
    deadline: Duration,
}

/// How a kind of transaction begins, and how its errors are classified.
pub(in crate::store) struct TransactionStart {
    pub(in crate::store) begin: String,
    pub(in crate::store) classify: fn(&tokio_postgres::Error) -> AttemptError,
    pub(in crate::store) classify_commit: fn(&tokio_postgres::Error) -> AttemptError,
}

impl Timeouts {
    pub(in crate::store) fn new(settings: &Database) -> Self {
        let limits = |lock_timeout: Duration| {
            format!(
                "set local statement_timeout = {}; set local lock_timeout = {}; \
                 set local idle_in_transaction_session_timeout = {}; {REFUSE_STANDBY}",
                settings.statement_timeout.as_millis(),
                lock_timeout.as_millis(),
                settings.deadline.as_millis()
            )
        };
        let write = |lock_timeout| TransactionStart {
            begin: format!(
                "begin isolation level read committed; {}",
                limits(lock_timeout)
            ),
            classify: AttemptError::with_commit_sent,
            classify_commit: AttemptError::of_commit,
        };
        let set_limits = limits(settings.lock_timeout);
        let batch_lock_timeout = settings.lock_timeout.min(BATCH_LOCK_TIMEOUT);
        Self {
            write: write(settings.lock_timeout),
            batch: TransactionStart {
                classify: AttemptError::of_batch,
                ..write(batch_lock_timeout)
            },
            read: TransactionStart {
                begin: format!("begin isolation level read committed read only; {set_limits}"),
                classify: AttemptError::before_commit,
                classify_commit: AttemptError::before_commit,
            },
            set_limits,
            batch_lock_timeout,
            statement_timeout: settings.statement_timeout,
            deadline: settings.deadline,
        }
    }

    /// The lock timeout of a batch.
    pub(in crate::store) const fn batch_lock_timeout(&self) -> Duration {
        self.batch_lock_timeout
    }

    /// The statement timeout.
    pub(in crate::store) const fn statement_timeout(&self) -> Duration {
        self.statement_timeout
    }

    /// How long a call may be answered after its deadline, if its batch is running.
    pub(in crate::store) fn grace(&self) -> Duration {
        self.deadline / GRACE_PARTS
    }

    /// The deadline of the current request, or in the background that of a call that begins now.
    pub(in crate::store) fn until(&self) -> Instant {
        request_time::started_at().unwrap_or_else(ambient::instant) + self.deadline
    }
}

/// Runs `work` until a deadline. `None` if the deadline passed; then `work` may not have begun.
pub(in crate::store) async fn within<T>(
    until: Instant,
    work: impl Future<Output = T>,
) -> Option<T> {
    if ambient::instant() >= until {
        return None;
    }
    tokio::time::timeout_at(until.into(), work).await.ok()
}
