//! Calls at once, through two replicas' stores, answer and leave what some order of them would.

use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rubrica::domain::Upserted;
use rubrica::store::ContactError;

use super::reference::{Call, Model};
use super::{EMAILS, Ids, Real, calls};
use crate::harness::TestApp;

const CASES: u32 = 200;

/// All orders of `count` things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![vec![]];
    }
    let shorter = orders(count - 1);
    let insert = |order: &Vec<usize>, place| {
        let mut order = order.clone();
        order.insert(place, count - 1);
        order
    };
    shorter
        .iter()
        .flat_map(|order| (0..count).map(move |place| insert(order, place)))
        .collect()
}

#[test]
fn any_upserts_at_once_do_what_some_order_of_them_would() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let app = runtime.block_on(TestApp::start());
    let other = runtime.block_on(app.replica(&[]));
    let sql = runtime.block_on(app.sql());
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 50,
        ..Config::default()
    };
    let before = prop::collection::vec(calls(), 0..4);
    let deleted = prop::option::of(prop::sample::select(&EMAILS[..]));
    let at_once = prop::collection::vec(calls(), 2..6);

    TestRunner::new(config)
        .run(
            &(any::<bool>(), before, deleted, at_once),
            |(skips, before, deleted, at_once)| {
                runtime.block_on(async {
                    let real = Real::new(&app, skips).await;
                    let mut model = Model {
                        skips_phone_conflicts: skips,
                        ..Model::default()
                    };
                    let mut ids = Ids::default();
                    for call in &before {
                        let expected = model.upsert(call);
                        prop_assert!(ids.explain(&expected, &real.upsert(&app.store, call).await));
                    }
                    if let Some(email) = deleted {
                        model.delete(email);
                        real.delete(&sql, email).await;
                    }

                    let answers: Vec<Result<Upserted, ContactError>> =
                        join_all(at_once.iter().enumerate().map(|(index, call)| {
                            let store = if index % 2 == 0 {
                                &app.store
                            } else {
                                &other.store
                            };
                            real.upsert(store, call)
                        }))
                        .await;

                    let state = real.contacts(&sql).await;
                    let explains = |order: &Vec<usize>| {
                        let (mut model, mut ids) = (model.clone(), ids.clone());
                        order.iter().all(|index| {
                            let call: &Call = &at_once[*index];
                            ids.explain(&model.upsert(call), &answers[*index])
                        }) && ids.explain_state(&model, &state)
                    };
                    prop_assert!(
                        orders(at_once.len()).iter().any(explains),
                        "no order explains {answers:?} and {state:?}"
                    );
                    Ok(())
                })
            },
        )
        .unwrap();
}
