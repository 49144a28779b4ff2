//! Splits a batch into the texts of its contacts, which are parsed only after the batch is charged.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::upsert::ContactUpsert;
use crate::domain::{CompanySettings, ContactPatch, CustomFieldRules};
use crate::http::shared::{ApiError, BodyLimit, FieldError, OneContact, invalid};

/// The most contacts of a batch.
const MAX_CONTACTS: usize = 1000;

/// A batch of upserts.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactBatch<'a> {
    /// Each contact is validated and saved independently.
    #[schema(value_type = Vec<ContactUpsert>, min_items = 1, max_items = 1000)]
    pub(super) contacts: Vec<&'a RawValue>,
}

impl<'a> ContactBatch<'a> {
    /// Reads `{"contacts": [1 to 1000 upserts]}`.
    pub(super) fn read(text: &'a str) -> Result<Self, ApiError> {
        read_batch(text).map(|contacts| Self { contacts })
    }
}

/// Reads a batch in one pass, which ends at the first contact beyond the maximum.
fn read_batch(text: &str) -> Result<Vec<&RawValue>, ApiError> {
    let refuse = |field, reason: &str| ApiError::Invalid(vec![FieldError::new(field, reason)]);
    if !text.trim_start().starts_with('{') {
        return Err(refuse("body", "must be a JSON object"));
    }
    let mut batch = Batch::default();
    let read = serde_json::Deserializer::from_str(text).deserialize_map(&mut batch);
    if let Some((name, raw)) = batch.unknown {
        let reason = "is not a field of a batch: use contacts";
        return Err(ApiError::Invalid(vec![invalid(&name, reason, raw)]));
    }
    match (read, batch.contacts) {
        (_, Contacts::TooMany) => {
            let reason = format!("must hold 1 to {MAX_CONTACTS} contacts, not more");
            Err(refuse("contacts", &reason))
        }
        (_, Contacts::NotAnArray) => Err(refuse("contacts", "must be an array")),
        // The text is well-formed JSON, so only an escape in a name can be invalid.
        (Err(_), _) => {
            let reason = "must not have a name with half of a surrogate pair";
            Err(refuse("body", reason))
        }
        (Ok(()), Contacts::Absent) => Err(refuse("contacts", "is required")),
        (Ok(()), Contacts::Read(contacts)) if contacts.is_empty() => {
            let reason = format!("must hold 1 to {MAX_CONTACTS} contacts, not none");
            Err(refuse("contacts", &reason))
        }
        (Ok(()), Contacts::Read(contacts)) => Ok(contacts),
    }
}

/// Reads one contact of a batch as [`ContactUpsert::read`] does, with the size limit of a single upsert.
pub(super) fn parse_contact(
    raw: &RawValue,
    settings: CompanySettings,
    rules: &CustomFieldRules,
) -> Result<ContactPatch, ApiError> {
    if raw.get().len() > OneContact::MAX_BYTES {
        return Err(ApiError::ContactTooLarge {
            max_bytes: OneContact::MAX_BYTES,
        });
    }
    ContactUpsert::read(raw.get(), settings, rules)
}

/// The members of a batch.
#[derive(Default)]
struct Batch<'a> {
    /// The last one, if there are duplicates.
    contacts: Contacts<'a>,
    /// The first unknown member.
    unknown: Option<(String, &'a RawValue)>,
}

#[derive(Default)]
enum Contacts<'a> {
    /// The member is absent or `null`.
    #[default]
    Absent,
    NotAnArray,
    TooMany,
    Read(Vec<&'a RawValue>),
}

impl<'de> Visitor<'de> for &mut Batch<'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a batch")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "contacts" {
                map.next_value_seed(&mut self.contacts)?;
            } else if self.unknown.is_none() {
                self.unknown = Some((name, map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Contacts<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for &mut Contacts<'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        *self = Contacts::Absent;
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // `visit_seq` replaces it if this is an array.
        *self = Contacts::NotAnArray;
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut contacts = Vec::new();
        while let Some(contact) = items.next_element()? {
            if contacts.len() == MAX_CONTACTS {
                *self = Contacts::TooMany;
                return Err(A::Error::custom("too many"));
            }
            contacts.push(contact);
        }
        *self = Contacts::Read(contacts);
        Ok(())
    }
}
