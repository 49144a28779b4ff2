//! Custom fields: the free part of a contact, a JSON object.

use std::fmt;

use super::custom_field_limits::{CustomFieldsError, MAX_CUSTOM_FIELDS};
use super::custom_field_text::{Patch, read_patch};
use super::json::{Members, members};

/// A JSON Merge Patch (RFC 7396) for the custom fields of a contact, fit to be stored.
///
/// Depth, keys, strings and numbers are checked, and that what the patch alone would store keeps the
/// limits. Together with what is stored already, that can be judged only after the merge, where it
/// happens: in the database.
///
/// It is kept as text: as a tree it would take up to 70 times the memory.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomFields(Box<str>);

impl CustomFields {
    /// Parses the text of one JSON value.
    ///
    /// # Errors
    /// The first rule that is broken. The text must be well-formed JSON already.
    pub fn parse(json: &str) -> Result<Self, CustomFieldsError> {
        let Patch { text, stored_keys } = read_patch(json.trim())?;
        if stored_keys > MAX_CUSTOM_FIELDS {
            return Err(CustomFieldsError::TooManyKeys);
        }
        Ok(Self(text.into_boxed_str()))
    }

    /// The patch as compact JSON text: an object, in which no key stands twice.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// Its top-level members.
    pub(super) fn members(&self) -> Members<'_> {
        // It was written from members, so it can be read.
        members(&self.0).unwrap_or_default()
    }
}

/// Silent: custom fields are personal data and stay out of logs.
impl fmt::Debug for CustomFields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CustomFields(…)")
    }
}
