//! A bounded queue that serves companies round-robin.

use std::collections::{HashMap, HashSet, VecDeque};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::domain::CompanyId;

/// How many calls of one company a batch takes before it takes those of the next company.
const TURN: usize = 32;

/// An item of the queue: one or more calls that belong together.
pub(in crate::store) trait Waiting {
    /// The company of the calls.
    fn company(&self) -> CompanyId;

    /// How many calls it contains.
    fn calls(&self) -> usize;
}

/// The queue has no space left for this company.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) struct Full;

/// Holds at most `capacity` calls, and at most half as many of one company.
///
/// While a batch runs, another one starts only when it is full, so that calls accumulate. Two
/// concurrent batches never contain calls of the same company: its calls stay in order, and do not
/// wait for each other's locks.
pub(in crate::store) struct FairQueue<T> {
    capacity: usize,
    batch_size: usize,
    state: Mutex<State<T>>,
    changed: Notify,
}

struct State<T> {
    /// Calls that wait, in total.
    calls: usize,
    lanes: HashMap<CompanyId, Lane<T>>,
    /// Companies with waiting calls and no running ones, the next one first.
    turns: VecDeque<CompanyId>,
    /// Waiting calls of the companies in `turns`.
    ready: usize,
    /// Companies with running calls.
    busy: HashSet<CompanyId>,
    running_batches: usize,
}

struct Lane<T> {
    calls: usize,
    waiting: VecDeque<T>,
}

/// A running batch. Further calls of its companies wait until it is dropped.
pub(in crate::store) struct RunningBatch<'a, T: Waiting> {
    queue: &'a FairQueue<T>,
    companies: Vec<CompanyId>,
}

impl<T: Waiting> FairQueue<T> {
    pub(in crate::store) fn new(capacity: usize, batch_size: usize) -> Self {
        Self {
            capacity,
            batch_size,
            state: Mutex::new(State {
                calls: 0,
                lanes: HashMap::new(),
                turns: VecDeque::new(),
                ready: 0,
                busy: HashSet::new(),
                running_batches: 0,
            }),
            changed: Notify::new(),
        }
    }

    /// Appends `item` to the queue of its company.
    pub(in crate::store) fn push(&self, item: T) -> Result<(), Full> {
        let mut state = self.state();
        let held = state.lanes.get(&item.company());
        let held = held.map_or(0, |lane| lane.calls);
        let calls = item.calls();
        if state.calls + calls > self.capacity || held + calls > self.capacity / 2 {
            return Err(Full);
        }
        state.push(item);
        let is_batch_ready = state.is_batch_ready(self.batch_size);
        drop(state);
        if is_batch_ready {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Whether more than `limit` calls may run before the next one of this company: its own, and as many
    /// of each other company plus one turn.
    pub(in crate::store) fn has_ahead(&self, company: CompanyId, limit: usize) -> bool {
        let state = self.state();
        state.calls > limit && state.ahead(company) > limit
    }

    /// How many calls may run before the next one of this company. Counts as [`FairQueue::has_ahead`]
    /// does.
    pub(in crate::store) fn ahead(&self, company: CompanyId) -> usize {
        self.state().ahead(company)
    }

    /// Waits for the next batch, and takes it from the companies round-robin: `batch_size` calls, or a
    /// few more if some belong together.
    pub(in crate::store) async fn take(&self) -> (Vec<T>, RunningBatch<'_, T>) {
        loop {
            {
                let mut state = self.state();
                if state.is_batch_ready(self.batch_size) {
                    return self.begin(&mut state);
                }
            }
            self.changed.notified().await;
        }
    }

    /// Starts a direct call, if no call waits and no batch runs.
    pub(in crate::store) fn begin_direct(&self, company: CompanyId) -> Option<RunningBatch<'_, T>> {
        let mut state = self.state();
        if state.calls > 0 || state.running_batches > 0 {
            return None;
        }
        state.running_batches += 1;
        state.busy.insert(company);
        Some(RunningBatch {
            queue: self,
            companies: vec![company],
        })
    }

    fn begin(&self, state: &mut State<T>) -> (Vec<T>, RunningBatch<'_, T>) {
        let (items, companies) = state.take(self.batch_size);
        (
            items,
            RunningBatch {
                queue: self,
                companies,
            },
        )
    }

    /// Ignores poisoning: no code panics between two changes that belong together.
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Waiting> Drop for RunningBatch<'_, T> {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        state.end(mem::take(&mut self.companies));
        let is_batch_ready = state.is_batch_ready(self.queue.batch_size);
        drop(state);
        if is_batch_ready {
            self.queue.changed.notify_one();
        }
    }
}

impl<T: Waiting> State<T> {
    fn ahead(&self, company: CompanyId) -> usize {
        let own = self.lanes.get(&company).map_or(0, |lane| lane.calls);
        let others = self.lanes.iter().filter(|(other, _)| **other != company);
        let others = others.map(|(_, lane)| lane.calls.min(own + TURN));
        own + others.sum::<usize>()
    }

    fn is_batch_ready(&self, size: usize) -> bool {
        self.ready >= if self.running_batches > 0 { size } else { 1 }
    }

    fn push(&mut self, item: T) {
        let (company, calls) = (item.company(), item.calls());
        let is_busy = self.busy.contains(&company);
        let lane = self.lanes.entry(company).or_insert_with(|| {
            if !is_busy {
                self.turns.push_back(company);
            }
            Lane {
                calls: 0,
                waiting: VecDeque::with_capacity(1),
            }
        });
        lane.calls += calls;
        lane.waiting.push_back(item);
        self.calls += calls;
        if !is_busy {
            self.ready += calls;
        }
    }

    fn take(&mut self, size: usize) -> (Vec<T>, Vec<CompanyId>) {
        let (mut taken, mut companies, mut calls) = (Vec::new(), Vec::new(), 0);
        // Companies that had a turn. They get another one if the batch has space.
        let mut again = VecDeque::new();
        while calls < size
            && let Some(company) = self.turns.pop_front().or_else(|| again.pop_front())
            && let Some(lane) = self.lanes.get_mut(&company)
        {
            if self.busy.insert(company) {
                companies.push(company);
                // Its other calls wait until this batch finishes.
                self.ready -= lane.calls;
            }
            let turn = calls + TURN.min(size - calls);
            while calls < turn
                && let Some(item) = lane.waiting.pop_front()
            {
                calls += item.calls();
                lane.calls -= item.calls();
                taken.push(item);
            }
            if lane.waiting.is_empty() {
                self.lanes.remove(&company);
            } else {
                again.push_back(company);
            }
        }
        self.calls -= calls;
        self.running_batches += 1;
        (taken, companies)
    }

    fn end(&mut self, companies: Vec<CompanyId>) {
        self.running_batches -= 1;
        for company in companies {
            self.busy.remove(&company);
            if let Some(lane) = self.lanes.get(&company) {
                self.turns.push_back(company);
                self.ready += lane.calls;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq)]
    struct Item(i64, usize);

    impl Waiting for Item {
        fn company(&self) -> CompanyId {
            CompanyId::new(self.0)
        }

        fn calls(&self) -> usize {
            self.1
        }
    }

    fn queue(capacity: usize, batch_size: usize, items: &[(i64, usize)]) -> FairQueue<Item> {
        let queue = FairQueue::new(capacity, batch_size);
        for (company, calls) in items {
            queue
                .push(Item(*company, *calls))
                .expect("the queue has space");
        }
        queue
    }

    #[tokio::test]
    async fn a_company_that_floods_does_not_keep_others_from_their_turn() {
        let mut items = vec![(1, 1); 100];
        items.extend([(2, 1), (3, 1)]);
        let queue = queue(1000, 40, &items);

        let (taken, _running) = queue.take().await;

        let of = |company| taken.iter().filter(|item| item.0 == company).count();
        assert_eq!((of(1), of(2), of(3)), (TURN + 6, 1, 1));
    }

    #[tokio::test]
    async fn calls_of_one_company_keep_their_order_and_those_of_one_item_stay_together() {
        let queue = queue(1000, 40, &[(1, 1), (1, 100), (1, 2)]);

        let (first, running) = queue.take().await;
        drop(running);
        let (then, _running) = queue.take().await;

        assert_eq!(first, [Item(1, 1), Item(1, 100)]);
        assert_eq!(then, [Item(1, 2)]);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_calls_until_a_batch_is_taken() {
        let queue = queue(4, 1, &[(1, 2), (2, 2)]);
        assert_eq!(queue.push(Item(3, 1)), Err(Full));

        let (_taken, _running) = queue.take().await;

        assert_eq!(queue.push(Item(3, 1)), Ok(()));
    }

    #[tokio::test]
    async fn one_company_fills_at_most_half_of_the_queue() {
        let queue = queue(4, 1, &[(1, 1), (1, 1)]);

        assert_eq!(queue.push(Item(1, 1)), Err(Full));
        assert_eq!(queue.push(Item(2, 2)), Ok(()));
    }

    #[test]
    fn only_some_calls_of_a_company_that_floods_are_ahead_of_others() {
        let mut items = vec![(1, 1); 200];
        items.push((2, 1));
        let queue = queue(1000, 40, &items);
        let is_beyond = |company, limit| queue.has_ahead(CompanyId::new(company), limit);

        assert!(is_beyond(1, 200), "its own and that of company 2");
        assert!(!is_beyond(1, 201));
        assert_eq!(queue.ahead(CompanyId::new(1)), 201);
        assert_eq!(queue.ahead(CompanyId::new(3)), TURN + 1);
        assert!(is_beyond(2, TURN + 1), "a turn after its first, and that");
        assert!(!is_beyond(2, TURN + 2));
        assert!(
            is_beyond(3, TURN),
            "a turn of company 1, and that of company 2"
        );
        assert!(!is_beyond(3, TURN + 1));
    }

    #[tokio::test]
    async fn a_waiting_worker_gets_a_call_when_it_arrives() {
        let queue = queue(4, 1, &[]);

        let ((taken, _running), pushed) =
            tokio::join!(queue.take(), async { queue.push(Item(1, 1)) });

        assert_eq!((taken, pushed), (vec![Item(1, 1)], Ok(())));
    }

    #[tokio::test]
    async fn while_a_batch_runs_only_a_full_one_of_other_companies_starts() {
        let queue = queue(100, 2, &[(1, 1)]);
        let (_taken, running) = queue.take().await;
        for item in [Item(1, 1), Item(1, 1), Item(2, 1)] {
            queue.push(item).expect("the queue has space");
        }
        let is_batch_ready = || queue.state().is_batch_ready(2);
        assert!(
            !is_batch_ready(),
            "company 2 has one call, and company 1 is running"
        );

        queue.push(Item(3, 1)).expect("the queue has space");
        assert!(is_batch_ready());
        let (others, _others_running) = queue.take().await;
        drop(running);
        let (rest, _rest_running) = queue.take().await;

        assert_eq!(others, [Item(2, 1), Item(3, 1)]);
        assert_eq!(rest, [Item(1, 1), Item(1, 1)]);
    }

    #[tokio::test]
    async fn a_direct_call_needs_an_empty_queue_and_delays_the_next_batch() {
        let queue = queue(100, 2, &[]);
        let company = CompanyId::new(1);

        let alone = queue.begin_direct(company).expect("nothing runs");
        assert!(queue.begin_direct(CompanyId::new(2)).is_none());
        queue.push(Item(1, 1)).expect("the queue has space");
        assert!(!queue.state().is_batch_ready(2));
        drop(alone);

        assert!(queue.begin_direct(company).is_none(), "one waits");
        assert_eq!(queue.take().await.0, [Item(1, 1)]);
    }
}
