//! Calls one after the other answer and leave what the model says.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::reference::{Call, Model};
use super::{EMAILS, Ids, Real, calls};
use crate::harness::TestApp;

const CASES: u32 = 150;

#[derive(Debug, Clone)]
enum Step {
    Upsert(Call),
    Delete(&'static str),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => calls().prop_map(Step::Upsert),
        1 => prop::sample::select(&EMAILS[..]).prop_map(Step::Delete),
    ];
    prop::collection::vec(step, 1..12)
}

#[test]
fn any_sequence_of_upserts_and_deletions_does_what_the_model_does() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let app = runtime.block_on(TestApp::start());
    let sql = runtime.block_on(app.sql());
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };

    TestRunner::new(config)
        .run(
            &(any::<bool>(), steps()),
            |(skips_phone_conflicts, steps)| {
                runtime.block_on(async {
                    let real = Real::new(&app, skips_phone_conflicts).await;
                    let mut model = Model {
                        skips_phone_conflicts,
                        ..Model::default()
                    };
                    let mut ids = Ids::default();
                    for step in &steps {
                        match step {
                            Step::Delete(email) => {
                                model.delete(email);
                                real.delete(&sql, email).await;
                            }
                            Step::Upsert(call) => {
                                let expected = model.upsert(call);
                                let answer = real.upsert(&app.store, call).await;
                                prop_assert!(
                                    ids.explain(&expected, &answer),
                                    "{call:?}: expected {expected:?}, got {answer:?}"
                                );
                            }
                        }
                    }
                    let state = real.contacts(&sql).await;
                    prop_assert!(
                        ids.explain_state(&model, &state),
                        "{model:?} is not {state:?}"
                    );
                    Ok(())
                })
            },
        )
        .unwrap();
}
