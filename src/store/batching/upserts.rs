//! Batched upserts: those that arrive while a transaction runs share the next one. Databases call
//! the same idea group commit.
//!
//! There is no timer. On an idle service an upsert runs immediately, in a transaction of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tracing::Instrument;

use super::batch_time::BatchTime;
use super::call_span::CallSpan;
use super::fair_queue::{FairQueue, Full, Waiting};
use super::unbatched_calls::UnbatchedCalls;
use crate::ambient::{self, Stopwatch};
use crate::config::{Batching, Database};
use crate::domain::CompanyId;
use crate::retry_after::{Unavailable, Wait};
use crate::store::contacts::results::{UpsertResult, read_all_upserted, read_upserted, unknown};
use crate::store::contacts::upsert_call::{Order, UpsertCall, UpsertColumns};
use crate::store::postgres::error::AttemptError;
use crate::store::postgres::timeouts::within;
use crate::store::{Store, StoreError};

const UPSERT_CONTACT: &str = include_str!("../../../sql/queries/upsert_contact.sql");
const UPSERT_CONTACT_DIRECT: &str = include_str!("../../../sql/queries/upsert_contact_direct.sql");
const UPSERT_CONTACTS: &str = include_str!("../../../sql/queries/upsert_contacts.sql");

/// A batch may take this many times its expected duration, even if a caller's deadline passes; but
/// it never ends later than the grace after the first deadline.
const BATCH_TIMES: u32 = 4;

const NOT_IN_TIME: &str = "an upsert was not made in time";

/// Upserts that wait for a batch.
pub(in crate::store) struct UpsertBatcher {
    queue: FairQueue<QueuedCalls>,
    batch_time: BatchTime,
    pub(in crate::store) unbatched_calls: UnbatchedCalls,
}

/// The calls of one caller. They run in order, and their results are returned together.
struct QueuedCalls {
    company: CompanyId,
    calls: Vec<UpsertCall>,
    /// The caller's deadline.
    until: Instant,
    /// Whether a writer has taken it, or its caller has given up. The first of the two decides, so that
    /// no call runs after its caller got an error.
    is_settled: Arc<AtomicBool>,
    answer: oneshot::Sender<Vec<UpsertResult>>,
    waiting: Stopwatch,
    call_span: CallSpan,
}

impl Waiting for QueuedCalls {
    fn company(&self) -> CompanyId {
        self.company
    }

    fn calls(&self) -> usize {
        self.calls.len()
    }
}

impl QueuedCalls {
    fn settle(&self) -> bool {
        settle(&self.is_settled)
    }
}

/// Returns whether this call settled it first.
fn settle(is_settled: &AtomicBool) -> bool {
    !is_settled.swap(true, Ordering::AcqRel)
}

impl UpsertBatcher {
    pub(in crate::store) fn new(settings: &Batching, database: &Database) -> Self {
        Self {
            queue: FairQueue::new(settings.queue_capacity, settings.size),
            batch_time: BatchTime::new(database.deadline, settings.size),
            unbatched_calls: UnbatchedCalls::new(),
        }
    }
}

impl Store {
    /// Runs one upsert: immediately if no other runs or waits, otherwise in a batch.
    pub(in crate::store) async fn upsert(&self, call: UpsertCall) -> UpsertResult {
        let company = call.company;
        if let Some(_running) = self.upsert_batcher.queue.begin_direct(company) {
            self.metrics
                .upserts
                .batched(1, std::iter::once(Duration::ZERO));
            if let Some(Some(result)) = self
                .upsert_together(&[&call], self.timeouts.until())
                .await
                .pop()
            {
                return result;
            }
        }
        let mut results = self.upsert_queued(company, vec![call]).await;
        results
            .pop()
            .unwrap_or_else(|| Err(unknown("no result").into()))
    }

    /// Queues calls for a batch, and returns their results.
    pub(in crate::store) async fn upsert_queued(
        &self,
        company: CompanyId,
        calls: Vec<UpsertCall>,
    ) -> Vec<UpsertResult> {
        let count = calls.len();
        let until = self.timeouts.until();
        let left = until.saturating_duration_since(ambient::instant());
        let in_time = self.upsert_batcher.batch_time.calls_within(left);
        if self.upsert_batcher.queue.has_ahead(company, in_time) {
            return self.wait_for_queue(
                company,
                count,
                "more upserts wait than can be made in time",
            );
        }
        let (answer, mut answered) = oneshot::channel();
        let is_settled = Arc::<AtomicBool>::default();
        let unit = QueuedCalls {
            company,
            calls,
            until,
            is_settled: Arc::clone(&is_settled),
            answer,
            waiting: Stopwatch::default(),
            call_span: CallSpan::queued(),
        };
        if self.upsert_batcher.queue.push(unit) == Err(Full) {
            return self.wait_for_queue(company, count, "too many upserts wait already");
        }
        self.metrics.upserts.queued(count);
        let answered = match within(until, &mut answered).await {
            Some(answered) => answered,
            None if settle(&is_settled) => {
                return self.wait_for_queue(company, count, NOT_IN_TIME);
            }
            // A writer is running it. Only the batch knows the result, and it finishes soon.
            None => answered.await,
        };
        // The process is shutting down. Another replica can take the call.
        answered
            .unwrap_or_else(|_| unavailable(count, &Unavailable::retry_soon("the writer stopped")))
    }

    /// Refuses calls because too many are ahead of them.
    fn wait_for_queue(&self, company: CompanyId, count: usize, cause: &str) -> Vec<UpsertResult> {
        let ahead = self.upsert_batcher.queue.ahead(company);
        let wait = Wait::Queue(self.upsert_batcher.batch_time.time_of(ahead));
        unavailable(count, &Unavailable::new(cause, wait))
    }

    pub(in crate::store) async fn write_batches(self) {
        let upsert_batcher = Arc::clone(&self.upsert_batcher);
        loop {
            let (units, _running) = upsert_batcher.queue.take().await;
            let taken = units.iter().map(Waiting::calls).sum();
            self.metrics.upserts.dequeued(taken);
            let expected_end = ambient::instant() + upsert_batcher.batch_time.expected();
            let (in_time, late): (Vec<_>, Vec<_>) = units
                .into_iter()
                // The callers of the others have given up.
                .filter(|unit| !unit.answer.is_closed() && unit.settle())
                .partition(|unit| unit.until >= expected_end);
            for unit in late {
                // None of its calls has run.
                let count = unit.calls.len();
                let refused = self.wait_for_queue(unit.company, count, NOT_IN_TIME);
                let _ = unit.answer.send(refused);
            }
            let units = in_time;
            if !units.is_empty() {
                self.write_units(units).await;
            }
        }
    }

    /// The time until which a batch may run: the first deadline of its callers. A batch with an early
    /// deadline gets longer, so that one caller does not fail the others: the statement timeout, or a
    /// few times the expected duration. No caller waits longer than the grace beyond its deadline.
    fn batch_end(&self, units: &[QueuedCalls]) -> Instant {
        let now = ambient::instant();
        let ends = || units.iter().map(|unit| unit.until);
        let (first, last) = (ends().min().unwrap_or(now), ends().max().unwrap_or(now));
        let a_statement = now + self.timeouts.statement_timeout();
        let some_batches = now + self.upsert_batcher.batch_time.expected() * BATCH_TIMES;
        let end = first.max(a_statement.min(last)).max(some_batches);
        end.min(first + self.timeouts.grace())
    }

    async fn write_units(&self, mut units: Vec<QueuedCalls>) {
        let count = units.iter().map(Waiting::calls).sum();
        for unit in &mut units {
            unit.call_span.enter_transaction(count);
        }
        let calls: Vec<&UpsertCall> = units.iter().flat_map(|unit| &unit.calls).collect();
        let waits = units.iter().map(|unit| unit.waiting.elapsed());
        self.metrics.upserts.batched(calls.len(), waits);
        let until = self.batch_end(&units);
        let began = Stopwatch::default();
        let mut results = self.upsert_together(&calls, until).await.into_iter();
        self.upsert_batcher.batch_time.observe(began.elapsed());

        for mut unit in units {
            let results: Vec<_> = results.by_ref().take(unit.calls.len()).collect();
            if results.iter().all(Option::is_some) {
                // A closed channel means that the caller has got another answer.
                let _ = unit.answer.send(results.into_iter().flatten().collect());
            } else {
                let caller = unit.call_span.leave_transaction();
                let alone = self.clone().finish_unbatched(unit, results);
                tokio::spawn(alone.instrument(caller));
            }
        }
    }

    /// Runs calls in one transaction. A call without a result was not written and has to run unbatched.
    async fn upsert_together(
        &self,
        calls: &[&UpsertCall],
        until: Instant,
    ) -> Vec<Option<UpsertResult>> {
        let attempt = match calls {
            [call] => self
                .upsert_direct(call, until)
                .await
                .map(|result| vec![Some(result)]),
            _ => self.upsert_set(calls, until).await,
        };
        match attempt {
            Ok(results) => {
                for result in &results {
                    match result {
                        Some(result) => self.count(result),
                        None => self.retried("concurrent_change"),
                    }
                }
                results
            }
            Err(AttemptError::Fail(error @ StoreError::Unavailable(_))) => {
                let fail = |_| Some(Err(error.clone().into()));
                calls.iter().map(fail).collect()
            }
            // One call may be the cause: each runs again unbatched and gets its own result.
            Err(AttemptError::Fail(
                StoreError::TooLarge(_) | StoreError::Defect(_) | StoreError::ActorDisabled,
            )) => calls.iter().map(|_| None).collect(),
            Err(AttemptError::Retry(retry)) => {
                self.retried(retry.cause);
                calls.iter().map(|_| None).collect()
            }
        }
    }

    async fn upsert_direct(
        &self,
        call: &UpsertCall,
        until: Instant,
    ) -> Result<UpsertResult, AttemptError> {
        let not_after = self.not_after(until);
        let lock_timeout = self.timeouts.batch_lock_timeout().as_millis().to_string();
        let parameters = call.parameters();
        let mut parameters = parameters.as_sql().to_vec();
        parameters.push(&lock_timeout);
        parameters.push(&not_after);
        let rows = self
            .write_direct(until, UPSERT_CONTACT_DIRECT, &parameters)
            .await?;
        Ok(read_upserted(&rows))
    }

    async fn upsert_set(
        &self,
        calls: &[&UpsertCall],
        until: Instant,
    ) -> Result<Vec<Option<UpsertResult>>, AttemptError> {
        let Order { places, set_size } = Order::of(calls);
        let columns = UpsertColumns::new(places.iter().map(|place| calls[*place]), set_size);
        let rows = self
            .write_batch(until, UPSERT_CONTACTS, &columns.as_sql())
            .await?;
        let answers = read_all_upserted(&rows).map_err(AttemptError::Fail)?;

        let mut results: Vec<Option<UpsertResult>> = calls.iter().map(|_| None).collect();
        for (place, answer) in places.into_iter().zip(answers) {
            results[place] = answer;
        }
        Ok(results)
    }

    /// Runs the calls without a result one by one, so that a lock on one contact delays no other call.
    async fn finish_unbatched(self, unit: QueuedCalls, results: Vec<Option<UpsertResult>>) {
        let mut finished = Vec::with_capacity(results.len());
        for (call, result) in unit.calls.iter().zip(results) {
            finished.push(match result {
                Some(result) => result,
                None if unit.answer.is_closed() => return,
                None => self.upsert_unbatched(call, unit.until).await,
            });
        }
        let _ = unit.answer.send(finished);
    }

    async fn upsert_unbatched(&self, call: &UpsertCall, until: Instant) -> UpsertResult {
        let parameters = call.parameters();
        let permit = || self.upsert_batcher.unbatched_calls.place(call);
        let rows = self
            .write_permitted(
                until,
                permit,
                "upsert_contact",
                UPSERT_CONTACT,
                &parameters.as_sql(),
            )
            .await?;
        let result = read_upserted(&rows);
        self.count(&result);
        result
    }

    fn retried(&self, cause: &'static str) {
        self.metrics.database.retried("upsert_contacts", cause);
    }

    fn count(&self, result: &UpsertResult) {
        if let Ok(upserted) = result {
            self.metrics.upserts.finished(upserted.outcome);
        }
    }
}

fn unavailable(count: usize, unavailable: &Unavailable) -> Vec<UpsertResult> {
    let error = StoreError::Unavailable(unavailable.clone());
    (0..count).map(|_| Err(error.clone().into())).collect()
}
