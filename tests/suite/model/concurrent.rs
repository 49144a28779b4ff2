//! At once, over two replicas: what is answered and stored is what some order of them gives.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::Config;
use rubrica::domain::CompanyId;
use rubrica::store::Store;

use super::inputs::{Step, company_settings, steps, upsert};
use super::observed::{Company, Ids, Observed, same_contacts};
use super::reference::{Contact, Model, Upsert};
use crate::harness::{TestApp, cases, holds, runtime};

#[test]
fn upserts_at_once_leave_what_some_order_of_them_leaves() {
    let runtime = runtime();
    let app = runtime.block_on(TestApp::start());
    let sql = runtime.block_on(app.sql());
    let other_replica = {
        let _within = runtime.enter();
        let store = Store::new(
            &app.settings.database,
            &app.settings.groups,
            &app.settings.fair_share,
            &app.settings.privacy,
            Arc::default(),
        )
        .expect("a store");
        store.workers().map(tokio::spawn).for_each(drop);
        store
    };
    let companies = AtomicI64::new(1);
    // A race that was lost is not lost again with less: what fails is told as it is.
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
        async |(settings, before, at_once)| {
            let id = CompanyId::new(companies.fetch_add(1, Ordering::Relaxed));
            let company = Company {
                id,
                settings,
                sql: &sql,
            };
            let (mut model, mut ids) = (Model::new(settings), Ids::default());
            for step in before {
                match step {
                    Step::Upsert(sent) => {
                        let answer = model.upsert(&sent);
                        assert!(
                            company
                                .upsert(&app.store, &sent)
                                .await
                                .agrees(&answer, &mut ids)
                        );
                    }
                    Step::Delete(contact) if contact < model.contacts.len() => {
                        if model.delete(contact) {
                            app.store
                                .delete_contact(id, ids.real(contact), None)
                                .await
                                .unwrap();
                        }
                    }
                    Step::Delete(_) => {}
                }
            }

            let replicas = [&app.store, &other_replica];
            let calls = at_once
                .iter()
                .enumerate()
                .map(|(n, sent)| company.upsert(replicas[n % 2], sent));
            let observed = join_all(calls).await;

            let outcome = AtOnce {
                calls: at_once,
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
struct AtOnce {
    calls: Vec<Upsert>,
    observed: Vec<Observed>,
    stored: BTreeMap<i64, Contact>,
}

impl AtOnce {
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
