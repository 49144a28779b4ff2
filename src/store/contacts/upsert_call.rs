//! The parameters of upserts, and the order in which those of a batch run.

use std::collections::HashMap;

use tokio_postgres::types::ToSql;

use crate::domain::{
    ClientId, CompanyId, CompanySettings, ConsentChange, ConsentOnAddressChange, ContactPatch,
    Email, IdentifierDigest, Phone, PhoneConflict,
};
use crate::store::postgres::json_text::JsonText;

/// A requested upsert.
pub(in crate::store) struct UpsertCall {
    pub(in crate::store) company: CompanyId,
    pub(in crate::store) client: ClientId,
    pub(in crate::store) patch: ContactPatch,
    pub(in crate::store) settings: CompanySettings,
    /// Digests of the identifiers in the patch under each suppression key, the e-mail address first.
    pub(in crate::store) digests: Vec<IdentifierDigest>,
}

impl UpsertCall {
    /// The parameters of `upsert_contact.sql`.
    pub(in crate::store) fn parameters(&self) -> UpsertParameters<'_> {
        UpsertParameters {
            company: self.company.get(),
            client: self.client.as_str(),
            email: self.email(),
            phone: self.phone(),
            custom_fields: self.custom_fields(),
            consent: self.patch.consent,
            skip_phone_conflict: self.skip_phone_conflict(),
            on_email_conflict: self.settings.email_conflict.as_str(),
            reset_consents: self.reset_consents(),
            digests: &self.digests,
        }
    }

    fn skip_phone_conflict(&self) -> bool {
        self.settings.phone_conflict == PhoneConflict::Skip
    }

    fn reset_consents(&self) -> bool {
        self.settings.consent_on_address_change == ConsentOnAddressChange::Reset
    }

    fn email(&self) -> Option<&str> {
        self.patch.identifiers.email().map(Email::as_str)
    }

    fn phone(&self) -> Option<&str> {
        self.patch.identifiers.phone().map(Phone::as_str)
    }

    fn custom_fields(&self) -> Option<JsonText<'_>> {
        let fields = self.patch.custom_fields.as_ref();
        fields.map(|fields| JsonText(fields.as_json()))
    }
}

/// The parameters of one call.
pub(in crate::store) struct UpsertParameters<'a> {
    company: i64,
    client: &'a str,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    custom_fields: Option<JsonText<'a>>,
    consent: ConsentChange,
    skip_phone_conflict: bool,
    on_email_conflict: &'static str,
    reset_consents: bool,
    digests: &'a Vec<IdentifierDigest>,
}

impl UpsertParameters<'_> {
    pub(in crate::store) fn as_sql(&self) -> [&(dyn ToSql + Sync); 11] {
        [
            &self.company,
            &self.client,
            &self.email,
            &self.phone,
            &self.custom_fields,
            &self.consent.email,
            &self.consent.whatsapp,
            &self.skip_phone_conflict,
            &self.on_email_conflict,
            &self.reset_consents,
            self.digests,
        ]
    }
}

/// The parameters of many calls: an array for each parameter.
#[derive(Default)]
pub(in crate::store) struct UpsertColumns<'a> {
    companies: Vec<i64>,
    clients: Vec<&'a str>,
    emails: Vec<Option<&'a str>>,
    phones: Vec<Option<&'a str>>,
    custom_fields: Vec<Option<JsonText<'a>>>,
    consents_email: Vec<Option<bool>>,
    consents_whatsapp: Vec<Option<bool>>,
    skip_phone_conflicts: Vec<bool>,
    on_email_conflicts: Vec<&'static str>,
    reset_consents: Vec<bool>,
    /// The concatenated digests of each call.
    digests: Vec<Vec<u8>>,
    set_size: i32,
}

impl<'a> UpsertColumns<'a> {
    /// The parameters of these calls, of which the first `set_size` share no identifier.
    pub(in crate::store) fn new(
        calls: impl Iterator<Item = &'a UpsertCall>,
        set_size: usize,
    ) -> Self {
        let mut columns = Self {
            // Far below the largest i32: `batching.size` is at most 1000.
            set_size: i32::try_from(set_size).unwrap_or(0),
            ..Self::default()
        };
        for call in calls {
            columns.companies.push(call.company.get());
            columns.clients.push(call.client.as_str());
            columns.emails.push(call.email());
            columns.phones.push(call.phone());
            columns.custom_fields.push(call.custom_fields());
            columns.consents_email.push(call.patch.consent.email);
            columns.consents_whatsapp.push(call.patch.consent.whatsapp);
            columns
                .skip_phone_conflicts
                .push(call.skip_phone_conflict());
            columns
                .on_email_conflicts
                .push(call.settings.email_conflict.as_str());
            columns.reset_consents.push(call.reset_consents());
            columns.digests.push(call.digests.concat());
        }
        columns
    }

    pub(in crate::store) fn as_sql(&self) -> [&(dyn ToSql + Sync); 12] {
        [
            &self.companies,
            &self.clients,
            &self.emails,
            &self.phones,
            &self.custom_fields,
            &self.consents_email,
            &self.consents_whatsapp,
            &self.skip_phone_conflicts,
            &self.on_email_conflicts,
            &self.reset_consents,
            &self.digests,
            &self.set_size,
        ]
    }
}

/// The order in which the calls of one transaction run.
pub(in crate::store) struct Order {
    /// Indexes of the calls: first those that share no identifier, then those that share one with an
    /// earlier call.
    pub(in crate::store) places: Vec<usize>,
    /// How many calls share no identifier.
    pub(in crate::store) set_size: usize,
}

impl Order {
    /// Sorts calls, so that transactions lock contacts in the same order and do not deadlock. Calls that
    /// share an identifier, directly or through others, keep their order.
    pub(in crate::store) fn of(calls: &[&UpsertCall]) -> Self {
        let mut parents: Vec<usize> = (0..calls.len()).collect();
        let mut seen: HashMap<(CompanyId, &str), usize> = HashMap::with_capacity(calls.len());
        for (index, call) in calls.iter().enumerate() {
            for identifier in call.patch.identifiers.texts() {
                let first = *seen.entry((call.company, identifier)).or_insert(index);
                let (a, b) = (root(&mut parents, first), root(&mut parents, index));
                parents[a.max(b)] = a.min(b);
            }
        }
        let roots: Vec<usize> = (0..calls.len())
            .map(|index| root(&mut parents, index))
            .collect();
        let mut least: Vec<Option<&str>> = vec![None; calls.len()];
        for (call, root) in calls.iter().zip(&roots) {
            let identifiers = call.patch.identifiers.texts();
            least[*root] = identifiers.chain(least[*root]).min();
        }

        let follows = |index: &usize| roots[*index] != *index;
        let mut places: Vec<usize> = (0..calls.len()).collect();
        places.sort_by_key(|index| {
            let company = calls[*index].company.get();
            (follows(index), company, least[roots[*index]], *index)
        });
        let set_size = places.partition_point(|index| !follows(index));
        Self { places, set_size }
    }
}

/// The root of a set in a disjoint-set forest, which is its first member.
fn root(parents: &mut [usize], mut index: usize) -> usize {
    while parents[index] != index {
        parents[index] = parents[parents[index]];
        index = parents[index];
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EmailConflict, Identifiers};

    fn call(company: i64, email: &str, phone: Option<&str>) -> UpsertCall {
        let email = Email::parse(email).unwrap();
        let phone = phone.map(|phone| Phone::parse(phone).unwrap());
        let identifiers = match phone {
            Some(phone) => Identifiers::Both(email, phone),
            None => Identifiers::Email(email),
        };
        UpsertCall {
            company: CompanyId::new(company),
            client: "abcdefghijkl".parse().unwrap(),
            patch: ContactPatch {
                identifiers,
                custom_fields: None,
                consent: ConsentChange::default(),
            },
            settings: CompanySettings {
                phone_only_contacts: false,
                phone_conflict: PhoneConflict::Reject,
                email_conflict: EmailConflict::Replace,
                consent_on_address_change: ConsentOnAddressChange::Keep,
            },
            digests: Vec::new(),
        }
    }

    #[test]
    fn calls_that_share_an_identifier_directly_or_through_others_follow_the_first() {
        let calls = [
            call(1, "b@example.com", None),
            call(1, "z@example.com", Some("+393391234567")),
            call(1, "y@example.com", Some("+393391234567")),
            call(1, "b@example.com", None),
            call(1, "y@example.com", Some("+12025550123")),
        ];

        let order = Order::of(&calls.iter().collect::<Vec<_>>());

        // +12025550123 is the least identifier of the second set, and sorts before b@example.com.
        assert_eq!(order.places, [1, 0, 2, 4, 3]);
        assert_eq!(order.set_size, 2);
    }

    #[test]
    fn calls_are_sorted_by_company_and_identifier() {
        let calls = [
            call(2, "a@example.com", None),
            call(1, "b@example.com", None),
            call(1, "a@example.com", None),
        ];

        let order = Order::of(&calls.iter().collect::<Vec<_>>());

        assert_eq!(order.places, [2, 1, 0]);
        assert_eq!(
            order.set_size, 3,
            "another company's contact is another contact"
        );
    }
}
