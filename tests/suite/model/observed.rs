//! The results and the contents of the real store, in the terms of the model.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};

use rubrica::domain::{
    ClientId, CompanyId, CompanySettings, ContactId, IdentifierKind, Outcome, Upserted, Warning,
};
use rubrica::store::{ContactError, Store};
use tokio_postgres::Client;

use super::inputs::{Step, patch};
use super::reference::{Answer, Contact, Model, Note, Upsert};
use crate::harness::TestApp;

/// The real ids of the contacts of the model, as far as they are known.
#[derive(Debug, Clone, Default)]
pub struct Ids(HashMap<i64, usize>);

impl Ids {
    /// Whether this real contact is the one of the model: they are matched already, or both are new.
    pub fn agree(&mut self, real: i64, of_model: usize) -> bool {
        let is_taken = self.0.values().any(|known| *known == of_model);
        match self.0.get(&real) {
            Some(known) => *known == of_model,
            None if is_taken => false,
            None => self.0.insert(real, of_model).is_none(),
        }
    }

    /// The real id of a contact.
    pub fn real(&self, of_model: usize) -> ContactId {
        let (real, _) = self
            .0
            .iter()
            .find(|(_, known)| **known == of_model)
            .expect("it is known");
        ContactId::new(*real)
    }
}

/// The service, and a company of its own for each case.
pub struct Companies {
    pub app: TestApp,
    sql: Client,
    next: AtomicI64,
}

impl Companies {
    /// Starts the service.
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        let sql = app.sql().await;
        let next = AtomicI64::new(1);
        Self { app, sql, next }
    }

    /// A company without contacts.
    pub fn company(&self, settings: CompanySettings) -> Company<'_> {
        Company {
            id: CompanyId::new(self.next.fetch_add(1, Ordering::Relaxed)),
            settings,
            sql: &self.sql,
        }
    }
}

/// One company of its own, in the store.
pub struct Company<'a> {
    id: CompanyId,
    settings: CompanySettings,
    sql: &'a Client,
}

impl Company<'_> {
    /// Takes one step in the store and in the model. Both must give the same result.
    pub async fn take(&self, store: &Store, step: Step, model: &mut Model, ids: &mut Ids) {
        match step {
            Step::Upsert(sent) => {
                let answer = model.upsert(&sent);
                let observed = self.upsert(store, &sent).await;
                let agrees = observed.agrees(&answer, ids);
                assert!(
                    agrees,
                    "{sent:?}\nobserved: {observed:?}\nexpected: {answer:?}"
                );
            }
            Step::Delete(contact) if !model.contacts.is_empty() => {
                let contact = contact % model.contacts.len();
                let deleted = store.delete_contact(self.id, ids.real(contact), None).await;
                assert_eq!(deleted.is_ok(), model.delete(contact), "{deleted:?}");
            }
            Step::Delete(_) => {}
        }
    }

    /// Upserts in the store. The only error may be a conflict.
    pub async fn upsert(&self, store: &Store, sent: &Upsert) -> Observed {
        let client: ClientId = "abcdefghij27".parse().unwrap();
        match store
            .upsert_contact(self.id, self.settings, &client, patch(sent))
            .await
        {
            Ok(upserted) => Observed::Done(upserted),
            Err(ContactError::IdentifierTaken {
                identifier: IdentifierKind::Phone,
                contact_id,
                conflicting_contact_id,
            }) => Observed::PhoneConflict(contact_id, conflicting_contact_id),
            Err(ContactError::EmailDiffers { contact_id }) => Observed::EmailDiffers(contact_id),
            Err(error) => panic!("{error:?}"),
        }
    }

    /// All stored contacts by id. Deletions are numbered in their order.
    pub async fn contacts(&self) -> BTreeMap<i64, Contact> {
        let sql = "
            select
                id, email, phone, custom_fields, consent_email, consent_whatsapp,
                case when deleted_at is not null then
                    rank() over (partition by deleted_at is null order by deleted_at)
                end as deleted
            from contacts where company_id = $1";
        let rows = self.sql.query(sql, &[&self.id.get()]).await.unwrap();
        let mut contacts: BTreeMap<i64, Contact> = rows
            .iter()
            .map(|row| {
                let deleted: Option<i64> = row.get("deleted");
                let contact = Contact {
                    email: row.get("email"),
                    phone: row.get("phone"),
                    custom_fields: row.get("custom_fields"),
                    consent: [row.get("consent_email"), row.get("consent_whatsapp")],
                    events: vec![],
                    deleted: deleted.map(|rank| usize::try_from(rank).unwrap()),
                };
                (row.get("id"), contact)
            })
            .collect();

        let sql = "
            select contact_id, channel = 'email' as is_email, old_status, new_status, address
            from consent_events where company_id = $1 order by id";
        for row in self.sql.query(sql, &[&self.id.get()]).await.unwrap() {
            let channel = if row.get("is_email") {
                "email"
            } else {
                "whatsapp"
            };
            let event = (
                channel,
                row.get("old_status"),
                row.get("new_status"),
                row.get("address"),
            );
            let contact = contacts
                .get_mut(&row.get("contact_id"))
                .expect("its contact is there");
            contact.events.push(event);
        }
        contacts
    }
}

/// The result from the store.
#[derive(Debug, Clone)]
pub enum Observed {
    Done(Upserted),
    PhoneConflict(ContactId, ContactId),
    EmailDiffers(ContactId),
}

impl Observed {
    /// Whether the model has the same result.
    pub fn agrees(&self, answer: &Answer, ids: &mut Ids) -> bool {
        match (self, answer) {
            (
                Self::Done(upserted),
                Answer::Done {
                    contact,
                    outcome,
                    matched_by,
                    warnings,
                },
            ) => {
                let is_new = *outcome == Outcome::Created;
                upserted.outcome == *outcome
                    && upserted.matched_by == *matched_by
                    && ids.0.contains_key(&upserted.contact_id.get()) != is_new
                    && ids.agree(upserted.contact_id.get(), *contact)
                    && upserted.warnings.len() == warnings.len()
                    && upserted
                        .warnings
                        .iter()
                        .zip(warnings)
                        .all(|(warning, note)| match (warning, note) {
                            (Warning::IdentifierConflict(real), Note::Conflict(kind, holder)) => {
                                real.identifier == *kind
                                    && ids.agree(real.conflicting_contact_id.get(), *holder)
                            }
                            (
                                Warning::EmailReplaced { previous_email },
                                Note::EmailReplaced(previous),
                            ) => previous_email == previous,
                            _ => false,
                        })
            }
            (Self::EmailDiffers(contact), Answer::EmailDiffers { contact: c }) => {
                ids.agree(contact.get(), *c)
            }
            (
                Self::PhoneConflict(contact, holder),
                Answer::PhoneConflict {
                    contact: c,
                    holder: h,
                },
            ) => ids.agree(contact.get(), *c) && ids.agree(holder.get(), *h),
            _ => false,
        }
    }
}

/// Whether the store and the model hold the same contacts.
pub fn same_contacts(real: &BTreeMap<i64, Contact>, of_model: &[Contact], ids: &Ids) -> bool {
    let of_model = with_ranked_deletions(of_model);
    real.len() == of_model.len()
        && real.iter().all(|(id, contact)| {
            ids.0
                .get(id)
                .is_some_and(|index| of_model[*index] == *contact)
        })
}

fn with_ranked_deletions(contacts: &[Contact]) -> Vec<Contact> {
    let mut deletions: Vec<usize> = contacts
        .iter()
        .filter_map(|contact| contact.deleted)
        .collect();
    deletions.sort_unstable();
    let rank = |tick| deletions.binary_search(&tick).unwrap() + 1;
    (contacts.iter().cloned())
        .map(|contact| Contact {
            deleted: contact.deleted.map(rank),
            ..contact
        })
        .collect()
}
