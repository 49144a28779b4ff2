//! One after the other: each answer, and all that is stored afterwards, is the model's.

use std::sync::atomic::{AtomicI64, Ordering};

use rubrica::domain::CompanyId;

use super::inputs::{Step, company_settings, steps};
use super::observed::{Company, Ids, same_contacts};
use super::reference::Model;
use crate::harness::{TestApp, cases, holds, runtime};

#[test]
fn upserts_and_deletions_do_what_the_model_does() {
    let runtime = runtime();
    let app = runtime.block_on(TestApp::start());
    let sql = runtime.block_on(app.sql());
    let companies = AtomicI64::new(1);

    holds(
        cases(500),
        &runtime,
        &(company_settings(), steps(1..16)),
        async |(settings, steps)| {
            let id = CompanyId::new(companies.fetch_add(1, Ordering::Relaxed));
            let company = Company {
                id,
                settings,
                sql: &sql,
            };
            let (mut model, mut ids) = (Model::new(settings), Ids::default());

            for step in steps {
                match step {
                    Step::Upsert(sent) => {
                        let answer = model.upsert(&sent);
                        let observed = company.upsert(&app.store, &sent).await;
                        let agrees = observed.agrees(&answer, &mut ids);
                        assert!(
                            agrees,
                            "{sent:?}\nobserved: {observed:?}\nexpected: {answer:?}"
                        );
                    }
                    Step::Delete(contact) if !model.contacts.is_empty() => {
                        let contact = contact % model.contacts.len();
                        let deleted = app.store.delete_contact(id, ids.real(contact), None).await;
                        assert_eq!(deleted.is_ok(), model.delete(contact), "{deleted:?}");
                    }
                    Step::Delete(_) => {}
                }
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
