//! Custom fields: the free part of a contact, a JSON object.

use std::fmt;

use super::custom_field_limits::{CustomFieldsError, MAX_CUSTOM_FIELDS};
use super::custom_field_text::{Patch, read_patch};
use super::json::{Members, members};

/// A valid JSON Merge Patch (RFC 7396) for the custom fields of a contact.
///
/// Depth, keys, strings, numbers and the size of the patch itself are within the limits. The database
/// checks the limits again after the merge.
///
/// Stored as text, because a tree would take up to 70 times the memory.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomFields(Box<str>);

impl CustomFields {
    /// Parses the text of one JSON value.
    ///
    /// # Errors
    /// The first rule that the patch breaks. The text must be well-formed JSON.
    pub fn parse(json: &str) -> Result<Self, CustomFieldsError> {
        let Patch { text, stored_keys } = read_patch(json.trim())?;
        if stored_keys > MAX_CUSTOM_FIELDS {
            return Err(CustomFieldsError::TooManyKeys);
        }
        Ok(Self(text.into_boxed_str()))
    }

    /// The patch as compact JSON text: an object without duplicate keys.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// Its top-level members.
    pub(super) fn members(&self) -> Members<'_> {
        // It was written from members, so reading them cannot fail.
        members(&self.0).unwrap_or_default()
    }
}

/// Silent: custom fields are personal data and stay out of logs.
impl fmt::Debug for CustomFields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CustomFields(…)")
    }
}
