//! From the text of a batch to its contacts, each still as text: none is parsed before it is charged.

use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::body::{BodyLimit, OneContact};
use super::contact_body::parse_patch;
use super::error::ApiError;
use super::field_error::FieldError;
use super::members::{invalid, present};
use crate::domain::{CompanySettings, ContactPatch, CustomFieldRules};

/// The most contacts of a batch.
const MAX_CONTACTS: usize = 1000;

/// Reads `{"contacts": [1 to 1000 upserts]}`.
///
/// # Errors
/// If the batch as a whole is of another form.
pub(super) fn read_batch(text: &str) -> Result<Vec<&RawValue>, ApiError> {
    let refuse = |error| ApiError::Invalid(vec![error]);
    if !text.trim_start().starts_with('{') {
        return Err(refuse(FieldError::new("body", "must be a JSON object")));
    }
    // The text is well-formed: what still can be wrong is an escape in a name.
    let batch: Batch<'_> = serde_json::from_str(text).map_err(|_| {
        let reason = "must not have a name with half of a surrogate pair";
        refuse(FieldError::new("body", reason))
    })?;
    if let Some((name, raw)) = batch.unknown {
        let reason = "is not a field of a batch: use contacts";
        return Err(refuse(invalid(&name, reason, raw)));
    }
    let raw = batch.contacts.and_then(present);
    let raw = raw.ok_or_else(|| refuse(FieldError::new("contacts", "is required")))?;
    if !raw.get().starts_with('[') {
        return Err(refuse(invalid("contacts", "must be an array", raw)));
    }
    let mut contacts = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(raw.get());
    // Its one failure is that it ends before the array does.
    let is_whole = First(&mut contacts).deserialize(&mut reader).is_ok();
    if !is_whole || contacts.is_empty() {
        let sent = if is_whole { "none" } else { "more" };
        let reason = format!("must hold 1 to {MAX_CONTACTS} contacts, not {sent}");
        return Err(refuse(FieldError::new("contacts", &reason)));
    }
    Ok(contacts)
}

/// Reads one contact of a batch as an upsert by itself, with the same limit of its size.
///
/// # Errors
/// As [`parse_patch`], and if it is too large.
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
    parse_patch(raw.get(), settings, rules)
}

/// What counts in a batch, however many members it has.
#[derive(Default)]
struct Batch<'a> {
    /// Of a duplicate the last.
    contacts: Option<&'a RawValue>,
    /// The first member that no batch has.
    unknown: Option<(String, &'a RawValue)>,
}

impl<'de> Deserialize<'de> for Batch<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(BatchVisitor)
    }
}

struct BatchVisitor;

impl<'de> Visitor<'de> for BatchVisitor {
    type Value = Batch<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a batch")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut batch = Batch::default();
        while let Some(name) = map.next_key::<String>()? {
            if name == "contacts" {
                batch.contacts = Some(map.next_value()?);
            } else if batch.unknown.is_none() {
                batch.unknown = Some((name, map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(batch)
    }
}

/// Reads the items of an array up to the most that a batch may have. Fails at the next one.
struct First<'a, 'de>(&'a mut Vec<&'de RawValue>);

impl<'de> DeserializeSeed<'de> for First<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for First<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            if self.0.len() == MAX_CONTACTS {
                return Err(serde::de::Error::custom("too many"));
            }
            self.0.push(item);
        }
        Ok(())
    }
}
