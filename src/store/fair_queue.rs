//! A bounded queue that serves companies in turn, however much one of them sends.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::domain::CompanyId;

/// Calls that one company may make before the next one's turn.
const TURN: usize = 32;

/// What waits for a writer: one or more calls that belong together.
pub(super) trait Waiting {
    /// How many calls it makes.
    fn calls(&self) -> usize;
}

/// No more fits in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Holds at most `capacity` calls, and at most half as many of one company.
pub(super) struct FairQueue<T> {
    capacity: usize,
    lanes: Mutex<Lanes<T>>,
    arrived: Notify,
}

struct Lanes<T> {
    calls: usize,
    by_company: HashMap<CompanyId, Lane<T>>,
    /// Whose lane is not empty, the next one first.
    turns: VecDeque<CompanyId>,
}

struct Lane<T> {
    calls: usize,
    waiting: VecDeque<T>,
}

impl<T: Waiting> FairQueue<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            lanes: Mutex::new(Lanes {
                calls: 0,
                by_company: HashMap::new(),
                turns: VecDeque::new(),
            }),
            arrived: Notify::new(),
        }
    }

    /// Lets `item` wait behind those of its company.
    pub(super) fn push(&self, company: CompanyId, item: T) -> Result<(), Full> {
        let calls = item.calls();
        {
            let mut lanes = self.lanes();
            let held = lanes.by_company.get(&company).map_or(0, |lane| lane.calls);
            if lanes.calls + calls > self.capacity || held + calls > self.capacity / 2 {
                return Err(Full);
            }
            lanes.push(company, item, calls);
        }
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for something, and takes about as many calls as asked for, the companies in turn.
    pub(super) async fn take(&self, calls: usize) -> Vec<T> {
        loop {
            let taken = self.lanes().take(calls);
            if !taken.is_empty() {
                return taken;
            }
            self.arrived.notified().await;
        }
    }

    /// What a panic left is whole: nothing panics between two changes that belong together.
    fn lanes(&self) -> MutexGuard<'_, Lanes<T>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Waiting> Lanes<T> {
    fn push(&mut self, company: CompanyId, item: T, calls: usize) {
        let lane = self.by_company.entry(company).or_insert_with(|| {
            self.turns.push_back(company);
            Lane {
                calls: 0,
                waiting: VecDeque::with_capacity(1),
            }
        });
        lane.calls += calls;
        lane.waiting.push_back(item);
        self.calls += calls;
    }

    fn take(&mut self, wanted: usize) -> Vec<T> {
        let mut taken = Vec::new();
        let mut calls = 0;
        while calls < wanted
            && let Some(company) = self.turns.pop_front()
        {
            let Some(lane) = self.by_company.get_mut(&company) else {
                continue;
            };
            let turn = calls + TURN.min(wanted - calls);
            while calls < turn
                && let Some(item) = lane.waiting.pop_front()
            {
                calls += item.calls();
                lane.calls -= item.calls();
                taken.push(item);
            }
            if lane.waiting.is_empty() {
                self.by_company.remove(&company);
            } else {
                self.turns.push_back(company);
            }
        }
        self.calls -= calls;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq)]
    struct Item(i64, usize);

    impl Waiting for Item {
        fn calls(&self) -> usize {
            self.1
        }
    }

    fn queue(capacity: usize, items: &[(i64, usize)]) -> FairQueue<Item> {
        let queue = FairQueue::new(capacity);
        for (company, calls) in items {
            push(&queue, *company, *calls).expect("there is room");
        }
        queue
    }

    fn push(queue: &FairQueue<Item>, company: i64, calls: usize) -> Result<(), Full> {
        queue.push(CompanyId::new(company), Item(company, calls))
    }

    #[tokio::test]
    async fn a_company_that_floods_leaves_every_other_one_its_turn() {
        let mut items = vec![(1, 1); 100];
        items.extend([(2, 1), (3, 1)]);
        let queue = queue(1000, &items);

        let taken = queue.take(40).await;

        let of = |company| taken.iter().filter(|item| item.0 == company).count();
        assert_eq!((of(1), of(2), of(3)), (TURN + 6, 1, 1));
        assert_eq!(queue.lanes().calls, 62);
    }

    #[tokio::test]
    async fn calls_of_one_company_keep_their_order_and_those_of_one_item_stay_together() {
        let queue = queue(1000, &[(1, 1), (1, 100), (1, 2)]);

        let first = queue.take(40).await;
        let then = queue.take(40).await;

        assert_eq!(first, [Item(1, 1), Item(1, 100)]);
        assert_eq!(then, [Item(1, 2)]);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_and_has_room_again_when_something_was_taken() {
        let queue = queue(4, &[(1, 2), (2, 2)]);
        assert_eq!(push(&queue, 3, 1), Err(Full));

        queue.take(1).await;

        assert_eq!(push(&queue, 3, 1), Ok(()));
    }

    #[tokio::test]
    async fn one_company_fills_no_more_than_half_of_it() {
        let queue = queue(4, &[(1, 1), (1, 1)]);

        assert_eq!(push(&queue, 1, 1), Err(Full));
        assert_eq!(push(&queue, 2, 2), Ok(()));
    }

    #[tokio::test]
    async fn who_waits_for_something_gets_it_when_it_comes() {
        let queue = queue(4, &[]);
        let (taken, pushed) = tokio::join!(queue.take(1), async { push(&queue, 1, 1) });

        assert_eq!((taken, pushed), (vec![Item(1, 1)], Ok(())));
    }
}
