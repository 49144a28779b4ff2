//! Many upserts in few transactions.

use std::collections::HashMap;

use super::contact_writes::{UPSERT_CONTACT, UpsertCall};
use super::transaction::Parameters;
use super::{ContactError, Store, StoreError};
use crate::domain::{ClientId, CompanyId, CompanySettings, ContactPatch, Upserted};

/// Upserts in one transaction, at most: enough to share its cost, few enough that row locks are
/// not held for long.
const TRANSACTION_SIZE: usize = 100;

impl Store {
    /// Upserts each of `patches`, in their order where they share an identifier. They are
    /// independent: each has a result of its own, at the same index.
    pub async fn upsert_contacts(
        &self,
        company: CompanyId,
        settings: CompanySettings,
        client: &ClientId,
        patches: &[ContactPatch],
    ) -> Vec<Result<Upserted, ContactError>> {
        let mut results = Vec::with_capacity(patches.len());
        for chunk in patches.chunks(TRANSACTION_SIZE) {
            let mut order: Vec<usize> = (0..chunk.len()).collect();
            let locks = lock_order(chunk);
            order.sort_by_key(|index| (&locks[*index], *index));
            let calls: Vec<UpsertCall<'_>> = order
                .iter()
                .map(|index| self.upsert_call(company, settings, client, &chunk[*index]))
                .collect();

            let mut done: Vec<_> = order
                .into_iter()
                .zip(self.upsert_in_order(&calls).await)
                .collect();
            done.sort_by_key(|(index, _)| *index);
            results.extend(done.into_iter().map(|(_, result)| result));
        }
        results
    }

    async fn upsert_in_order(
        &self,
        calls: &[UpsertCall<'_>],
    ) -> Vec<Result<Upserted, ContactError>> {
        let parameters: Vec<_> = calls.iter().map(UpsertCall::parameters).collect();
        let together: Vec<&Parameters<'_>> = parameters.iter().map(<[_; 9]>::as_slice).collect();
        match self
            .write_all("upsert_contacts", UPSERT_CONTACT, &together)
            .await
        {
            Ok(answers) => answers
                .iter()
                .map(|rows| self.read_upserted(rows))
                .collect(),
            Err(error @ StoreError::Unavailable(_)) => {
                calls.iter().map(|_| Err(error.clone().into())).collect()
            }
            // One of them is at fault: alone, each gets what it deserves.
            Err(StoreError::Defect(_)) => {
                let mut results = Vec::with_capacity(calls.len());
                for call in together {
                    results.push(self.upsert_alone(call).await);
                }
                results
            }
        }
    }
}

/// A sort key for each patch, such that transactions with the same contacts lock them in the same
/// order, and patches that share an identifier, also by way of others, have the same key.
fn lock_order(patches: &[ContactPatch]) -> Vec<String> {
    let mut groups: Vec<usize> = (0..patches.len()).collect();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (index, patch) in patches.iter().enumerate() {
        for identifier in patch.identifiers.texts() {
            let first = *seen.entry(identifier).or_insert(index);
            let (a, b) = (root(&mut groups, first), root(&mut groups, index));
            groups[a.max(b)] = a.min(b);
        }
    }
    let mut keys: Vec<String> = vec![String::new(); patches.len()];
    let roots: Vec<usize> = (0..patches.len())
        .map(|index| root(&mut groups, index))
        .collect();
    for (patch, root) in patches.iter().zip(&roots) {
        for identifier in patch.identifiers.texts() {
            if keys[*root].is_empty() || identifier < keys[*root].as_str() {
                identifier.clone_into(&mut keys[*root]);
            }
        }
    }
    roots.into_iter().map(|root| keys[root].clone()).collect()
}

/// The representative of a group in a disjoint-set forest.
fn root(groups: &mut [usize], mut index: usize) -> usize {
    while groups[index] != index {
        groups[index] = groups[groups[index]];
        index = groups[index];
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ConsentChange, Email, Identifiers, Phone};

    fn patch(email: &str, phone: Option<&str>) -> ContactPatch {
        let email = Email::parse(email).unwrap();
        let phone = phone.map(|phone| Phone::parse(phone).unwrap());
        let identifiers = match phone {
            Some(phone) => Identifiers::Both(email, phone),
            None => Identifiers::Email(email),
        };
        ContactPatch {
            identifiers,
            custom_fields: None,
            consent: ConsentChange::default(),
        }
    }

    #[test]
    fn patches_that_share_an_identifier_also_by_way_of_others_have_one_key() {
        let patches = [
            patch("z@example.com", Some("+393391234567")),
            patch("a@example.com", None),
            patch("y@example.com", Some("+393391234567")),
            patch("y@example.com", Some("+12025550123")),
        ];

        let keys = lock_order(&patches);

        assert_eq!(
            keys[0], "+12025550123",
            "the least of all identifiers of its group"
        );
        assert_eq!(keys[1], "a@example.com");
        assert_eq!([&keys[2], &keys[3]], [&keys[0], &keys[0]]);
    }
}
