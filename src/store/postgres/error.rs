//! Errors of calls to the database, and which of them are retried.

use deadpool_postgres::{HookError, PoolError};
use tokio_postgres::error::{DbError, SqlState};

use crate::retry_after::Unavailable;

/// A failed call. Its text contains SQLSTATEs, but no message of the server, which may repeat stored
/// values.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Postgres is unreachable, too slow or too busy. Repeating the call is safe.
    #[error("database unavailable: {0}")]
    Unavailable(Unavailable),
    /// The values exceed a limit of Postgres.
    #[error("too large for the database: {0}")]
    TooLarge(String),
    /// Postgres rejected a statement for a permanent reason: a defect.
    #[error("database call failed: {0}")]
    Defect(String),
    /// The administrator who makes the change was disabled in the meantime. Nothing was changed.
    #[error("the administrator was disabled meanwhile")]
    ActorDisabled,
}

/// The text of an error begins with this if the server refused the login.
const CANNOT_CONNECT: &str = "cannot connect: ";

impl StoreError {
    /// An error whose end cannot be predicted.
    pub(in crate::store) fn unavailable(cause: impl Into<String>) -> Self {
        Self::Unavailable(Unavailable::retry_soon(cause))
    }

    /// Whether Postgres refused the login for a permanent reason, such as a wrong password.
    #[must_use]
    pub fn is_refused_login(&self) -> bool {
        matches!(self, Self::Unavailable(Unavailable { cause, .. }) if cause.starts_with(CANNOT_CONNECT))
    }
}

/// Why the work of a transaction stopped. The transaction is rolled back.
pub(in crate::store) enum TxError<E> {
    /// A statement failed. The work is retried if the cause is temporary.
    Database(tokio_postgres::Error),
    /// The work refused, for a reason that a retry does not change.
    Refused(E),
}

impl<E> TxError<E> {
    /// Refuses the work.
    pub(in crate::store) fn refused(reason: impl Into<E>) -> Self {
        Self::Refused(reason.into())
    }
}

impl<E> From<tokio_postgres::Error> for TxError<E> {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl<E: From<StoreError>> From<StoreError> for TxError<E> {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

/// The error of one attempt, classified.
pub(in crate::store) enum AttemptError<E = StoreError> {
    /// Nothing was committed, and the cause is temporary: retry.
    Retry(Retry),
    /// A retry is unsafe or useless.
    Fail(E),
}

impl<E> AttemptError<E> {
    /// Converts the error of [`AttemptError::Fail`].
    pub(in crate::store) fn map<F>(self, convert: impl FnOnce(E) -> F) -> AttemptError<F> {
        match self {
            Self::Retry(retry) => AttemptError::Retry(retry),
            Self::Fail(error) => AttemptError::Fail(convert(error)),
        }
    }
}

/// A temporary cause.
#[derive(Clone, Copy)]
pub(in crate::store) struct Retry {
    /// The cause, for a metric.
    pub(in crate::store) cause: &'static str,
    /// Whether the retry needs another connection.
    pub(in crate::store) elsewhere: bool,
}

impl Retry {
    const fn here(cause: &'static str) -> Self {
        Self {
            cause,
            elsewhere: false,
        }
    }

    const fn elsewhere(cause: &'static str) -> Self {
        Self {
            cause,
            elsewhere: true,
        }
    }
}

impl AttemptError {
    /// Classifies an error of work that cannot be committed: it only reads, or COMMIT was not sent.
    pub(in crate::store) fn before_commit(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(answer) => Self::of_answer(answer),
            None if is_broken(error) => Self::Retry(Retry::elsewhere("connection")),
            None => Self::Fail(StoreError::Defect(kind(error))),
        }
    }

    /// Classifies an error of work that was sent together with COMMIT. An error from the server means a
    /// rollback. After a broken connection, the transaction may be committed or not.
    pub(in crate::store) fn with_commit_sent(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            None if is_broken(error) => Self::Fail(StoreError::unavailable(
                "the connection broke during a call",
            )),
            _ => Self::before_commit(error),
        }
    }

    /// Classifies an error of a batch. Like [`AttemptError::with_commit_sent`], but a statement timeout is
    /// retried, because one call of the batch may be the cause.
    pub(in crate::store) fn of_batch(error: &tokio_postgres::Error) -> Self {
        match error.code() {
            Some(&SqlState::QUERY_CANCELED) => Self::Retry(Retry::here("statement_timeout")),
            _ => Self::with_commit_sent(error),
        }
    }

    /// Classifies an error of COMMIT: the transaction may be committed or not.
    pub(in crate::store) fn of_commit(error: &tokio_postgres::Error) -> Self {
        Self::Fail(StoreError::unavailable(format!(
            "the outcome of COMMIT is unknown ({})",
            kind(error)
        )))
    }

    /// Classifies an error of the pool: nothing was sent.
    pub(in crate::store) fn of_pool(error: &PoolError) -> Self {
        match error {
            PoolError::Timeout(_) => {
                Self::Fail(StoreError::unavailable("no connection was free in time"))
            }
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                match error.as_db_error() {
                    Some(database_error) if !is_passing_at_connect(database_error.code()) => {
                        Self::Fail(StoreError::unavailable(format!(
                            "{CANNOT_CONNECT}{}",
                            kind(error)
                        )))
                    }
                    None if is_read_only(error) => Self::Retry(Retry::elsewhere("read_only")),
                    _ => Self::Retry(Retry::elsewhere("connect")),
                }
            }
            PoolError::PostCreateHook(_) => Self::Retry(Retry::elsewhere("connect")),
            PoolError::Closed | PoolError::NoRuntimeSpecified => {
                Self::Fail(StoreError::unavailable("the pool is closed"))
            }
        }
    }

    fn of_answer(error: &DbError) -> Self {
        let code = error.code();
        if let Some((_, retry)) = RETRIED.iter().find(|(retried, _)| retried == code) {
            return Self::Retry(*retry);
        }
        if code.code() == ACTOR_DISABLED {
            return Self::Fail(StoreError::ActorDisabled);
        }
        // A caller that is still waiting was not too late, so the database's clock was set back or forward. A
        // new connection reads it again.
        if code.code() == TOO_LATE {
            return Self::Retry(Retry::elsewhere("too_late"));
        }
        let text = format!("SQLSTATE {}", code.code());
        if *code == SqlState::PROGRAM_LIMIT_EXCEEDED {
            return Self::Fail(StoreError::TooLarge(text));
        }
        match &code.code()[..2] {
            "08" => Self::Retry(Retry::elsewhere("connection")),
            // Resources, operator intervention (which includes timeouts), system errors, login.
            "53" | "57" | "58" | "28" => Self::Fail(StoreError::unavailable(text)),
            _ => Self::Fail(StoreError::Defect(text)),
        }
    }
}

/// The SQLSTATE that `refuse_after` raises.
const TOO_LATE: &str = "RB002";
/// The SQLSTATE that `require_active_admin` raises.
const ACTOR_DISABLED: &str = "RB001";

/// The SQLSTATEs after which a retry may succeed.
const RETRIED: [(SqlState, Retry); 12] = [
    (
        SqlState::T_R_SERIALIZATION_FAILURE,
        Retry::here("serialization_failure"),
    ),
    (SqlState::T_R_DEADLOCK_DETECTED, Retry::here("deadlock")),
    (SqlState::UNIQUE_VIOLATION, Retry::here("unique_violation")),
    (SqlState::LOCK_NOT_AVAILABLE, Retry::here("lock_timeout")),
    // This server was demoted to a replica.
    (
        SqlState::READ_ONLY_SQL_TRANSACTION,
        Retry::elsewhere("read_only"),
    ),
    // `pg_current_wal_lsn` fails on a standby.
    (
        SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
        Retry::elsewhere("standby"),
    ),
    (SqlState::ADMIN_SHUTDOWN, Retry::elsewhere("shutdown")),
    (SqlState::CRASH_SHUTDOWN, Retry::elsewhere("shutdown")),
    (SqlState::CANNOT_CONNECT_NOW, Retry::elsewhere("starting")),
    (
        SqlState::TOO_MANY_CONNECTIONS,
        Retry::elsewhere("too_many_connections"),
    ),
    // A cached plan is older than a change of its table. A new connection plans again.
    (
        SqlState::FEATURE_NOT_SUPPORTED,
        Retry::elsewhere("stale_plan"),
    ),
    (
        SqlState::INVALID_SQL_STATEMENT_NAME,
        Retry::elsewhere("stale_plan"),
    ),
];

fn is_passing_at_connect(code: &SqlState) -> bool {
    RETRIED.iter().any(|(retried, _)| retried == code)
}

/// The SQLSTATE of an error, or the driver's name for its kind.
pub(in crate::store) fn kind(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(database_error) => format!("SQLSTATE {}", database_error.code().code()),
        // The driver's text names only the kind of error.
        None => error.to_string(),
    }
}

/// Whether the driver refused a read-only server.
fn is_read_only(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<std::io::Error>())
        .is_some_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
}

fn is_broken(error: &tokio_postgres::Error) -> bool {
    let is_io =
        std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
    error.is_closed() || is_io
}
