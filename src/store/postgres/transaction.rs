//! Runs work in the database: named, with a deadline, and retried if that is safe.

use std::time::{Duration, Instant};

use tokio_postgres::{IsolationLevel, Row, Transaction};
use tracing::{Instrument, Level, Span, debug_span, span_enabled};

use super::attempt::{self, Parameters};
use super::error::{AttemptError, TxError};
use super::pool::{ConnectionPool, Lease};
use super::timeouts::{TransactionStart, within};
use crate::ambient;
use crate::domain::CompanyId;
use crate::store::{Store, StoreError};

const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

impl Store {
    /// Runs one statement that reads.
    pub(in crate::store) async fn read(
        &self,
        name: &'static str,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        self.read_permitted(free, name, sql, parameters).await
    }

    /// Like [`Store::read`], within the bound on the concurrent statements of a company.
    pub(in crate::store) async fn read_of(
        &self,
        company: CompanyId,
        name: &'static str,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let permit = || self.statements.permit(company);
        self.read_permitted(permit, name, sql, parameters).await
    }

    /// Like [`Store::read`]. Each attempt holds what `permit` returns.
    async fn read_permitted<P, A: Future<Output = P>>(
        &self,
        permit: impl Fn() -> A,
        name: &'static str,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let start = &self.timeouts.read;
        self.with_retries(self.timeouts.until(), permit, name, async |lease| {
            let result = pipelined(lease, start, sql, parameters, None).await;
            result.map_err(|error| self.explain(error))
        })
        .await
    }

    /// Runs one statement that writes, and commits it.
    pub(in crate::store) async fn write(
        &self,
        name: &'static str,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        self.write_permitted(self.timeouts.until(), free, name, sql, parameters)
            .await
    }

    /// Like [`Store::write`], within the bound on the concurrent statements of a company.
    pub(in crate::store) async fn write_of(
        &self,
        company: CompanyId,
        name: &'static str,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let permit = || self.statements.permit(company);
        self.write_permitted(self.timeouts.until(), permit, name, sql, parameters)
            .await
    }

    /// Like [`Store::write`], with a deadline of its own. Each attempt holds what `permit` returns.
    pub(in crate::store) async fn write_permitted<P, A: Future<Output = P>>(
        &self,
        until: Instant,
        permit: impl Fn() -> A,
        name: &'static str,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let start = &self.timeouts.write;
        self.with_retries(until, permit, name, async |lease| {
            let not_after = Some(self.not_after(until));
            let result = pipelined(lease, start, sql, parameters, not_after).await;
            result.map_err(|error| self.explain(error))
        })
        .await
    }

    /// Runs one statement that writes for a batch, and commits it. Does not retry: usually one call
    /// causes the failure, and the others must not wait for it.
    pub(in crate::store) async fn write_batch(
        &self,
        until: Instant,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, AttemptError> {
        let start = &self.timeouts.batch;
        self.run_batch(&self.writers_pool, until, |lease| {
            pipelined(lease, start, sql, parameters, Some(self.not_after(until)))
        })
        .await
    }

    /// Runs one statement that reads for a batch. Does not retry.
    pub(in crate::store) async fn read_batch(
        &self,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, AttemptError> {
        let start = &self.timeouts.read;
        self.run_batch(&self.readers_pool, self.timeouts.until(), |lease| {
            pipelined(lease, start, sql, parameters, None)
        })
        .await
    }

    async fn run_batch<F: Future<Output = Result<Vec<Row>, AttemptError>>>(
        &self,
        pool: &ConnectionPool,
        until: Instant,
        work: impl FnOnce(Lease) -> F,
    ) -> Result<Vec<Row>, AttemptError> {
        self.tried_within(until, async {
            let lease = pool.lend().await?;
            work(lease).await
        })
        .await
    }

    /// Runs one direct statement that writes, in autocommit mode: without a batch, each message to the
    /// server adds latency. The statement itself has to set its lock timeout and to refuse a standby.
    /// Does not retry.
    pub(in crate::store) async fn write_direct(
        &self,
        until: Instant,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, AttemptError> {
        self.run_direct(&self.writers_pool, until, sql, parameters)
            .await
    }

    /// Like [`Store::write_direct`], for a statement that reads.
    pub(in crate::store) async fn read_direct(
        &self,
        until: Instant,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, AttemptError> {
        self.run_direct(&self.readers_pool, until, sql, parameters)
            .await
    }

    /// Takes a connection from `pool` if that of this thread is lent.
    async fn run_direct(
        &self,
        pool: &ConnectionPool,
        until: Instant,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, AttemptError> {
        self.tried_within(until, async {
            let mut lease = match self.thread_pools.lend().await {
                Some(lease) => lease?,
                None => pool.lend().await?,
            };
            let result = attempt::direct(lease.connection(), sql, parameters).await;
            lease.settle(&result);
            result
        })
        .instrument(transaction_span("direct"))
        .await
    }

    /// Runs several statements in one transaction. `work` may run more than once. If it refuses, the
    /// transaction is rolled back. A late COMMIT cannot overwrite a newer write, because the transaction
    /// holds its locks until then.
    pub(in crate::store) async fn transaction<T, E: From<StoreError>>(
        &self,
        name: &'static str,
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, TxError<E>>,
    ) -> Result<T, E> {
        self.transaction_within(free, name, work).await
    }

    /// Like [`Store::transaction`], within the bound on the concurrent statements of a company.
    pub(in crate::store) async fn transaction_of<T, E: From<StoreError>>(
        &self,
        company: CompanyId,
        name: &'static str,
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, TxError<E>>,
    ) -> Result<T, E> {
        let permit = || self.statements.permit(company);
        self.transaction_within(permit, name, work).await
    }

    async fn transaction_within<T, E: From<StoreError>, P, A: Future<Output = P>>(
        &self,
        permit: impl Fn() -> A,
        name: &'static str,
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, TxError<E>>,
    ) -> Result<T, E> {
        let work = &work;
        self.with_retries(self.timeouts.until(), permit, name, async |mut lease| {
            let result = self.attempt_transaction(&mut lease, work).await;
            lease.settle(&result);
            result
        })
        .await
    }

    async fn attempt_transaction<T, E: From<StoreError>>(
        &self,
        lease: &mut Lease,
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, TxError<E>>,
    ) -> Result<T, AttemptError<E>> {
        let before_commit = |error| self.explain(AttemptError::before_commit(&error));
        let transaction = lease
            .connection()
            .build_transaction()
            .isolation_level(IsolationLevel::ReadCommitted)
            .start()
            .await
            .map_err(before_commit)?;
        transaction
            .batch_execute(&self.timeouts.set_limits)
            .await
            .map_err(before_commit)?;
        match work(&transaction).await {
            Ok(result) => {
                transaction
                    .batch_execute("select wait_for_standbys()")
                    .await
                    .map_err(before_commit)?;
                let committed = transaction.commit().await;
                committed.map_err(|error| self.explain(AttemptError::of_commit(&error)))?;
                Ok(result)
            }
            Err(TxError::Database(error)) => Err(before_commit(error)),
            Err(TxError::Refused(reason)) => {
                transaction.rollback().await.map_err(before_commit)?;
                self.outage.end();
                Err(AttemptError::Fail(reason))
            }
        }
    }

    /// The deadline of a write by the database's clock. Postgres refuses the write after it, so that a write
    /// that the network delays cannot overwrite a newer one. Call it only after connecting, which sets the
    /// clock.
    pub(in crate::store) fn not_after(&self, until: Instant) -> f64 {
        self.clock.seconds(until)
    }

    /// Retries until the deadline. Each attempt first waits for a permit, and holds it until it ends.
    async fn with_retries<T, E, P, A, F>(
        &self,
        until: Instant,
        permit: impl Fn() -> A,
        name: &'static str,
        attempt: impl Fn(Lease) -> F,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
        A: Future<Output = P>,
        F: Future<Output = Result<T, AttemptError<E>>>,
    {
        let mut last_cause = "no answer";
        let attempts = async {
            let mut pause = FIRST_PAUSE;
            loop {
                let attempted = async {
                    let _permit = permit().await;
                    match self.pool.lend().await {
                        Ok(lease) => attempt(lease).await,
                        Err(error) => Err(self.explain(error)),
                    }
                };
                match attempted.instrument(transaction_span(name)).await {
                    Ok(result) => return Ok(result),
                    Err(AttemptError::Fail(error)) => return Err(error),
                    Err(AttemptError::Retry(retry)) => {
                        self.metrics.database.retried(name, retry.cause);
                        last_cause = retry.cause;
                        tokio::time::sleep(ambient::jittered(pause)).await;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                }
            }
        };
        let result = within(until, attempts).await.unwrap_or_else(|| {
            let cause = format!("{name} did not finish in time ({last_cause})");
            Err(self.outage.explain(StoreError::unavailable(cause)).into())
        });
        if result.is_ok() {
            self.outage.end();
        }
        result
    }

    /// Adds the duration of an outage to the error of an attempt.
    fn explain<E: From<StoreError>>(&self, error: AttemptError) -> AttemptError<E> {
        error.map(|error| self.outage.explain(error).into())
    }

    async fn tried_within(
        &self,
        until: Instant,
        attempt: impl Future<Output = Result<Vec<Row>, AttemptError>>,
    ) -> Result<Vec<Row>, AttemptError> {
        let finished = within(until, attempt).await.unwrap_or_else(|| {
            let cause = "a batch did not finish in time";
            Err(AttemptError::Fail(StoreError::unavailable(cause)))
        });
        if finished.is_ok() {
            self.outage.end();
        }
        finished.map_err(|error| self.explain(error))
    }
}

/// Runs [`attempt::pipelined`] on a lent connection.
async fn pipelined(
    mut lease: Lease,
    start: &TransactionStart,
    sql: &str,
    parameters: &Parameters<'_>,
    not_after: Option<f64>,
) -> Result<Vec<Row>, AttemptError> {
    let result = attempt::pipelined(lease.connection(), start, sql, parameters, not_after).await;
    lease.settle(&result);
    result
}

/// The permit of calls that need none.
async fn free() {}

/// The span of a transaction for one call. Disabled in the background, where no request waits.
fn transaction_span(call: &'static str) -> Span {
    if span_enabled!(Level::DEBUG) && !Span::current().is_none() {
        debug_span!("transaction", call, calls = 1)
    } else {
        Span::none()
    }
}
