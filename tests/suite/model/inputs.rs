//! Random upserts of a few emails, phones and fields, so that they collide.

use proptest::prelude::*;
use rubrica::domain::{
    CompanySettings, ConsentChange, ConsentOnAddressChange, ContactPatch, CustomFields, Email,
    EmailConflict, Identifiers, Phone, PhoneConflict,
};
use serde_json::{Map, Value, json};

use super::reference::Upsert;

const EMAILS: [&str; 3] = ["ann@example.com", "bob@example.com", "cy@example.com"];
const PHONES: [&str; 3] = ["+393391234501", "+393391234502", "+393391234503"];

/// One step of a sequence.
#[derive(Debug, Clone)]
pub enum Step {
    Upsert(Upsert),
    /// Deletes the contact with this number, modulo the number of contacts.
    Delete(usize),
}

/// The settings of a company.
pub fn company_settings() -> impl Strategy<Value = CompanySettings> {
    let phone_conflict = prop::sample::select(vec![PhoneConflict::Reject, PhoneConflict::Skip]);
    let email_conflict = prop::sample::select(vec![
        EmailConflict::Replace,
        EmailConflict::Reject,
        EmailConflict::Create,
    ]);
    let consent_on_address_change = prop::sample::select(vec![
        ConsentOnAddressChange::Keep,
        ConsentOnAddressChange::Reset,
    ]);
    (phone_conflict, email_conflict, consent_on_address_change).prop_map(
        |(phone_conflict, email_conflict, consent_on_address_change)| CompanySettings {
            // Only what the API allows: the store does not check it.
            phone_only_contacts: true,
            phone_conflict,
            email_conflict,
            consent_on_address_change,
        },
    )
}

/// Upserts and soft deletes.
pub fn steps(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => upsert().prop_map(Step::Upsert),
        1 => (0..8_usize).prop_map(Step::Delete),
    ];
    prop::collection::vec(step, count)
}

/// One upsert.
pub fn upsert() -> impl Strategy<Value = Upsert> {
    let email = || prop::sample::select(EMAILS.to_vec());
    let phone = || prop::sample::select(PHONES.to_vec());
    let identifiers = prop_oneof![
        2 => email().prop_map(|email| (Some(email), None)),
        1 => phone().prop_map(|phone| (None, Some(phone))),
        4 => (email(), phone()).prop_map(|(email, phone)| (Some(email), Some(phone))),
    ];
    let consent = || prop::option::weighted(0.3, any::<bool>());
    (
        identifiers,
        prop::option::weighted(0.6, fields(1)),
        [consent(), consent()],
    )
        .prop_map(|((email, phone), custom_fields, consent)| Upsert {
            email,
            phone,
            custom_fields,
            consent,
        })
}

fn fields(depth: u32) -> BoxedStrategy<Value> {
    let scalar = prop::sample::select(vec![
        Value::Null,
        json!(1),
        json!(""),
        json!(false),
        json!([null, {"a": null}]),
    ]);
    let value = if depth == 0 {
        scalar.boxed()
    } else {
        prop_oneof![2 => scalar, 1 => fields(depth - 1)].boxed()
    };
    let key = prop::sample::select(vec!["a", "b"]).prop_map(str::to_owned);
    prop::collection::vec((key, value), 0..3)
        .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
        .boxed()
}

/// An upsert as the API passes it to the store.
pub fn patch(sent: &Upsert) -> ContactPatch {
    let email = sent.email.map(|email| Email::parse(email).unwrap());
    let phone = sent.phone.map(|phone| Phone::parse(phone).unwrap());
    let identifiers = match (email, phone) {
        (Some(email), Some(phone)) => Identifiers::Both(email, phone),
        (Some(email), None) => Identifiers::Email(email),
        (None, Some(phone)) => Identifiers::Phone(phone),
        (None, None) => unreachable!("an upsert has an identifier"),
    };
    let custom_fields = sent.custom_fields.as_ref();
    ContactPatch {
        identifiers,
        custom_fields: custom_fields
            .map(|fields| CustomFields::parse(&fields.to_string()).unwrap()),
        consent: ConsentChange {
            email: sent.consent[0],
            whatsapp: sent.consent[1],
        },
    }
}
