//! Concurrent upserts over two replicas: what is answered and stored is what some order of them gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::Config;
use rubrica::store::Store;

use super::inputs::{company_settings, steps, upsert};
use super::observed::{Companies, Ids, Observed, same_contacts};
use super::reference::{Contact, Model, Upsert};
use crate::harness::{cases, holds, runtime};

#[test]
fn concurrent_upserts_leave_what_some_order_of_them_leaves() {
    let runtime = runtime();
    let companies = runtime.block_on(Companies::start());
    let app = &companies.app;
    let other_replica = {
        let _within = runtime.enter();
        let store = Store::new(
            &app.settings.database,
            &app.settings.batching,
            &app.settings.fair_share,
            &app.settings.privacy,
            Arc::default(),
        )
        .expect("a store");
        store.workers().map(tokio::spawn).for_each(drop);
        store
    };
    // A smaller input need not lose the same race: report the input that failed as it is.
    let cases = Config {
        max_shrink_iters: 0,
        ..cases(400)
    };
    let inputs = (
        company_settings(),
        steps(0..5),
        prop::collection::vec(upsert(), 3..7),
    );

    holds(
        cases,
        &runtime,
        &inputs,
        async |(settings, before, concurrent)| {
            let company = companies.company(settings);
            let (mut model, mut ids) = (Model::new(settings), Ids::default());
            for step in before {
                company.take(&app.store, step, &mut model, &mut ids).await;
            }

            let replicas = [&app.store, &other_replica];
            let calls = concurrent
                .iter()
                .enumerate()
                .map(|(n, sent)| company.upsert(replicas[n % 2], sent));
            let observed = join_all(calls).await;

            let outcome = Concurrent {
                calls: concurrent,
                observed,
                stored: company.contacts().await,
            };
            let mut order = Vec::new();
            let is_explained = outcome.is_explained_by_an_order(&model, &ids, &mut order);
            assert!(
                is_explained,
                "no order of these does this: {outcome:#?}\nbefore: {model:#?}"
            );
        },
    );
}

/// Calls, what each answered, and what was stored in the end.
#[derive(Debug)]
struct Concurrent {
    calls: Vec<Upsert>,
    observed: Vec<Observed>,
    stored: BTreeMap<i64, Contact>,
}

impl Concurrent {
    /// Tries all orders that begin with this one, and drops each at its first wrong answer.
    fn is_explained_by_an_order(&self, model: &Model, ids: &Ids, order: &mut Vec<usize>) -> bool {
        if order.len() == self.calls.len() {
            return same_contacts(&self.stored, &model.contacts, ids);
        }
        (0..self.calls.len()).any(|next| {
            if order.contains(&next) {
                return false;
            }
            let (mut model, mut ids) = (model.clone(), ids.clone());
            let answer = model.upsert(&self.calls[next]);
            order.push(next);
            let is_explained = self.observed[next].agrees(&answer, &mut ids)
                && self.is_explained_by_an_order(&model, &ids, order);
            order.pop();
            is_explained
        })
    }
}
