//! The upsert against a slow, obvious model: one after the other, and at once.

mod concurrent;
mod reference;
mod sequential;

use std::collections::HashMap;

use proptest::prelude::*;
use rubrica::domain::{
    ClientId, CompanyId, CompanySettings, ConsentChange, ContactPatch, CustomFields, Email,
    IdentifierKind, Identifiers, Phone, PhoneConflict, Upserted,
};
use rubrica::store::{ContactError, Store};
use serde_json::{Value, json};

use self::reference::{Answer, Call, Contact, Model};
use crate::harness::TestApp;

const EMAILS: [&str; 3] = ["a@example.com", "b@example.com", "c@example.com"];
const PHONES: [&str; 3] = ["+393391234561", "+393391234562", "+393391234563"];

/// Any call with at least one identifier, from sets so small that calls meet.
fn calls() -> impl Strategy<Value = Call> {
    let email = prop::option::weighted(0.8, prop::sample::select(&EMAILS[..]));
    let phone = prop::option::weighted(0.6, prop::sample::select(&PHONES[..]));
    let fields = prop::sample::select(vec![
        None,
        Some(json!({})),
        Some(json!({"a": 1})),
        Some(json!({"a": {"b": 1, "c": null}})),
        Some(json!({"a": {"c": [1, null]}, "d": "x"})),
        Some(json!({"a": null, "d": null})),
    ]);
    let consent = prop::option::weighted(0.3, any::<bool>());
    (email, phone, fields, consent.clone(), consent)
        .prop_filter("one identifier at least", |(email, phone, ..)| {
            email.is_some() || phone.is_some()
        })
        .prop_map(
            |(email, phone, fields, consent_email, consent_whatsapp)| Call {
                email,
                phone,
                fields,
                consent_email,
                consent_whatsapp,
            },
        )
}

/// A company of its own in the real store, and who writes into it.
struct Real {
    company: CompanyId,
    client: ClientId,
    settings: CompanySettings,
}

impl Real {
    async fn new(app: &TestApp, skips_phone_conflicts: bool) -> Self {
        let tenant = app.tenant().await;
        let phone_conflict = if skips_phone_conflicts {
            PhoneConflict::Skip
        } else {
            PhoneConflict::Reject
        };
        let settings = CompanySettings {
            phone_only_contacts: true,
            phone_conflict,
        };
        Self {
            company: tenant.company,
            client: tenant.client,
            settings,
        }
    }

    async fn upsert(&self, store: &Store, call: &Call) -> Result<Upserted, ContactError> {
        let email = call.email.map(|email| Email::parse(email).unwrap());
        let phone = call.phone.map(|phone| Phone::parse(phone).unwrap());
        let identifiers = match (email, phone) {
            (Some(email), Some(phone)) => Identifiers::Both(email, phone),
            (Some(email), None) => Identifiers::Email(email),
            (None, Some(phone)) => Identifiers::Phone(phone),
            (None, None) => unreachable!("a call has an identifier"),
        };
        let custom_fields = call
            .fields
            .as_ref()
            .map(|fields| CustomFields::parse(&fields.to_string()).unwrap());
        let consent = ConsentChange {
            email: call.consent_email,
            whatsapp: call.consent_whatsapp,
        };
        let patch = ContactPatch {
            identifiers,
            custom_fields,
            consent,
        };
        store
            .upsert_contact(self.company, self.settings, &self.client, &patch)
            .await
    }

    async fn delete(&self, sql: &tokio_postgres::Client, email: &str) {
        let delete = "update contacts set deleted_at = clock_timestamp()
            where company_id = $1 and email = $2 and deleted_at is null";
        sql.execute(delete, &[&self.company.get(), &email])
            .await
            .unwrap();
    }

    /// All contacts by id, the moment of a deletion reduced to whether there was one.
    async fn contacts(&self, sql: &tokio_postgres::Client) -> HashMap<i64, Value> {
        let read = "select id, jsonb_build_array(
                email, phone, custom_fields, consent_email, consent_whatsapp,
                deleted_at is not null,
                (select count(*) from consent_events
                 where consent_events.company_id = contacts.company_id and contact_id = contacts.id)
            )
            from contacts where company_id = $1";
        let rows = sql.query(read, &[&self.company.get()]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

/// A contact of the model, as [`Real::contacts`] tells one.
fn told(contact: &Contact) -> Value {
    json!([
        contact.email,
        contact.phone,
        contact.fields,
        contact.consent_email,
        contact.consent_whatsapp,
        contact.deleted.is_some(),
        contact.events
    ])
}

/// Which contact of the model has which id in the store.
#[derive(Debug, Clone, Default)]
struct Ids(HashMap<usize, i64>);

impl Ids {
    /// Whether the two can be one contact; from then on they are.
    fn match_up(&mut self, place: usize, id: i64) -> bool {
        let is_free = !self.0.values().any(|known| *known == id);
        match self.0.get(&place) {
            Some(known) => *known == id,
            None if is_free => self.0.insert(place, id).is_none(),
            None => false,
        }
    }

    /// Whether the store's answer is the model's.
    fn explain(&mut self, expected: &Answer, real: &Result<Upserted, ContactError>) -> bool {
        match (expected, real) {
            (
                Answer::Done {
                    contact,
                    outcome,
                    matched_by,
                    conflicts,
                },
                Ok(real),
            ) => {
                let conflict = |identifier| {
                    let mut warnings = real.warnings.iter();
                    let warning = warnings.find(|warning| warning.identifier == identifier);
                    warning.map(|warning| warning.conflicting_contact_id.get())
                };
                real.outcome.as_str() == *outcome
                    && real.matched_by.map(IdentifierKind::as_str) == *matched_by
                    && self.match_up(*contact, real.contact_id.get())
                    && self.explain_conflict(conflicts.0, conflict(IdentifierKind::Email))
                    && self.explain_conflict(conflicts.1, conflict(IdentifierKind::Phone))
            }
            (
                Answer::PhoneConflict { contact, holder },
                Err(ContactError::IdentifierTaken {
                    contact_id,
                    conflicting_contact_id,
                    ..
                }),
            ) => {
                self.match_up(*contact, contact_id.get())
                    && self.match_up(*holder, conflicting_contact_id.get())
            }
            _ => false,
        }
    }

    fn explain_conflict(&mut self, expected: Option<usize>, real: Option<i64>) -> bool {
        match (expected, real) {
            (None, None) => true,
            (Some(place), Some(id)) => self.match_up(place, id),
            _ => false,
        }
    }

    /// Whether the store holds what the model holds, and nothing else.
    fn explain_state(&self, model: &Model, real: &HashMap<i64, Value>) -> bool {
        model.contacts.len() == real.len()
            && model.contacts.iter().enumerate().all(|(place, contact)| {
                let id = self.0.get(&place);
                id.and_then(|id| real.get(id)) == Some(&told(contact))
            })
    }
}
