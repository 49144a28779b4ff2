//! Upserts and deletions in sequence: each answer, and all that is stored afterwards, is the model's.

use super::inputs::{company_settings, steps};
use super::observed::{Companies, Ids, same_contacts};
use super::reference::Model;
use crate::harness::{cases, holds, runtime};

#[test]
fn upserts_and_deletions_do_what_the_model_does() {
    let runtime = runtime();
    let companies = runtime.block_on(Companies::start());

    holds(
        cases(500),
        &runtime,
        &(company_settings(), steps(1..16)),
        async |(settings, steps)| {
            let company = companies.company(settings);
            let (mut model, mut ids) = (Model::new(settings), Ids::default());

            for step in steps {
                let store = &companies.app.store;
                company.take(store, step, &mut model, &mut ids).await;

                let stored = company.contacts().await;
                let is_same = same_contacts(&stored, &model.contacts, &ids);
                assert!(
                    is_same,
                    "stored: {stored:#?}\nexpected: {:#?}",
                    model.contacts
                );
            }
        },
    );
}
