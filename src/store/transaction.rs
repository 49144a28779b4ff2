//! One way to run work in the database: named, bounded in time, retried where that is safe.

use std::time::Duration;

use deadpool_postgres::Object;
use futures_util::future::{join_all, join3};
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Row, Transaction};

use super::error::Verdict;
use super::pool::Lease;
use super::{Store, StoreError};
use crate::ambient;
use crate::config::Database;

const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// The statements that open a transaction, and how long a call may take in all.
///
/// The time limits are set per transaction, not per session, so that a connection pooler may
/// hand each transaction to another connection.
pub(super) struct Waits {
    write: Opening,
    read: Opening,
    set_limits: String,
    deadline: Duration,
}

/// How a transaction begins, and what its errors mean.
struct Opening {
    begin: String,
    judge: fn(&tokio_postgres::Error) -> Verdict,
    judge_commit: fn(&tokio_postgres::Error) -> Verdict,
}

impl Waits {
    pub(super) fn new(settings: &Database) -> Self {
        let set_limits = format!(
            "set local statement_timeout = {}; set local lock_timeout = {}",
            settings.statement_timeout.as_millis(),
            settings.lock_timeout.as_millis()
        );
        Self {
            write: Opening {
                begin: format!("begin isolation level read committed; {set_limits}"),
                judge: Verdict::with_commit_sent,
                judge_commit: Verdict::of_commit,
            },
            read: Opening {
                begin: format!("begin isolation level read committed read only; {set_limits}"),
                judge: Verdict::before_commit,
                judge_commit: Verdict::before_commit,
            },
            set_limits,
            deadline: settings.deadline,
        }
    }
}

pub(super) type Parameters<'a> = [&'a (dyn ToSql + Sync)];

impl Store {
    /// Runs one statement that reads.
    pub(super) async fn read(
        &self,
        name: &'static str,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let opening = &self.waits.read;
        let calls = [parameters];
        let mut results = self
            .with_retries(name, |lease| pipelined(lease, opening, sql, &calls))
            .await?;
        Ok(results.pop().unwrap_or_default())
    }

    /// Runs one statement that writes, and commits it.
    pub(super) async fn write(
        &self,
        name: &'static str,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let mut results = self.write_all(name, sql, &[parameters]).await?;
        Ok(results.pop().unwrap_or_default())
    }

    /// Runs one statement with each of many parameters, in order, and commits all of them or none.
    pub(super) async fn write_all(
        &self,
        name: &'static str,
        sql: &str,
        calls: &[&Parameters<'_>],
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        let opening = &self.waits.write;
        self.with_retries(name, |lease| pipelined(lease, opening, sql, calls))
            .await
    }

    /// Runs several statements in one transaction. `work` may run more than once.
    pub(super) async fn transaction<T>(
        &self,
        name: &'static str,
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, StoreError> {
        let work = &work;
        self.with_retries(name, async |mut lease| {
            let result = self.attempt_transaction(&mut lease, work).await;
            lease.settle(&result);
            result
        })
        .await
    }

    async fn attempt_transaction<T>(
        &self,
        lease: &mut Lease,
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Verdict> {
        let done = async {
            let transaction = lease
                .connection()
                .build_transaction()
                .isolation_level(IsolationLevel::ReadCommitted)
                .start()
                .await?;
            transaction.batch_execute(&self.waits.set_limits).await?;
            let result = work(&transaction).await?;
            Ok((transaction, result))
        };
        let (transaction, result) = done.await.map_err(|error| Verdict::before_commit(&error))?;
        transaction
            .commit()
            .await
            .map_err(|error| Verdict::of_commit(&error))?;
        Ok(result)
    }

    async fn with_retries<T, F: Future<Output = Result<T, Verdict>>>(
        &self,
        name: &'static str,
        attempt: impl Fn(Lease) -> F,
    ) -> Result<T, StoreError> {
        let mut last_cause = "no answer";
        let attempts = async {
            let mut pause = FIRST_PAUSE;
            loop {
                let attempted = match self.pool.get().await {
                    Ok(connection) => attempt(Lease::new(connection)).await,
                    Err(error) => Err(Verdict::of_pool(&error)),
                };
                match attempted {
                    Ok(result) => return Ok(result),
                    Err(Verdict::Fail(error)) => return Err(error),
                    Err(Verdict::Retry(retry)) => {
                        self.metrics.database_retried(name, retry.cause);
                        last_cause = retry.cause;
                        tokio::time::sleep(ambient::jittered(pause)).await;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                }
            }
        };
        let finished = tokio::time::timeout(self.waits.deadline, attempts).await;
        finished.unwrap_or_else(|_| {
            let message = format!("{name} did not finish in time ({last_cause})");
            Err(StoreError::Unavailable(message))
        })
    }
}

/// BEGIN, a statement once for each of its parameters, and COMMIT, sent together: one round trip.
async fn pipelined(
    mut lease: Lease,
    opening: &Opening,
    sql: &str,
    calls: &[&Parameters<'_>],
) -> Result<Vec<Vec<Row>>, Verdict> {
    let result = attempt_pipelined(lease.connection(), opening, sql, calls).await;
    lease.settle(&result);
    result
}

/// The driver answers Ok to a COMMIT that rolled back, so the statements' own answers decide. Of
/// several errors the first one is the cause; the others only say that the transaction is gone.
async fn attempt_pipelined(
    connection: &Object,
    opening: &Opening,
    sql: &str,
    calls: &[&Parameters<'_>],
) -> Result<Vec<Vec<Row>>, Verdict> {
    let judge = |error| (opening.judge)(&error);
    let statement = connection
        .prepare_cached(sql)
        .await
        .map_err(|error| Verdict::before_commit(&error))?;
    let queries = calls
        .iter()
        .map(|parameters| connection.query(&statement, parameters));
    let (opened, answers, committed) = join3(
        connection.batch_execute(&opening.begin),
        join_all(queries),
        connection.batch_execute("commit"),
    )
    .await;
    opened.map_err(judge)?;
    let results = answers
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(judge)?;
    committed.map_err(|error| (opening.judge_commit)(&error))?;
    Ok(results)
}
