//! Custom fields: the free part of a contact, a JSON object.

use std::fmt;

use super::custom_field_text::{Patch, read_patch};
use super::json::{Members, members};
use super::json_number::MAX_DECIMAL_PLACES;

/// The most top-level keys that a contact may store.
pub const MAX_CUSTOM_FIELDS: usize = 250;
/// The most bytes that a contact's custom fields may take, as UTF-8 text.
pub const MAX_CUSTOM_FIELDS_BYTES: usize = 64 * 1024;
/// The deepest nesting of objects and arrays; the object of all fields is the first level.
pub const MAX_DEPTH: usize = 8;
/// The longest key, in characters.
pub const MAX_KEY_CHARACTERS: usize = 128;

/// A JSON Merge Patch (RFC 7396) for the custom fields of a contact, fit to be stored.
///
/// Depth, keys, strings and numbers are checked, and that what the patch alone would store keeps the
/// limits. Together with what is stored already, that can be judged only after the merge, where it
/// happens: in the database.
///
/// It is kept as text: as a tree it would take up to 70 times the memory.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomFields(Box<str>);

/// Why custom fields cannot be stored. Each `at` is a JSON Pointer (RFC 6901) to the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CustomFieldsError {
    /// It is some other JSON value.
    #[error("must be an object such as {{\"plan\": \"enterprise\"}}")]
    NotAnObject,
    /// Objects and arrays are nested too deeply.
    #[error("must not be nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// A key is too long.
    #[error("must not have a key of more than {MAX_KEY_CHARACTERS} characters (at {at})")]
    KeyTooLong {
        /// The place.
        at: String,
    },
    /// There are too many top-level keys, after the merge.
    #[error(
        "must not have more than {MAX_CUSTOM_FIELDS} top-level keys once merged with the stored ones: remove some by sending them as null"
    )]
    TooManyKeys,
    /// The text is too large, after the merge.
    #[error(
        "must not take more than {MAX_CUSTOM_FIELDS_BYTES} bytes as JSON text, with numbers written out, once merged with the stored ones"
    )]
    TooLarge,
    /// A key or string holds U+0000, which the database cannot store.
    #[error("must not hold the character U+0000 (at {at})")]
    NulCharacter {
        /// The place.
        at: String,
    },
    /// An escape such as `\ud800` stands alone.
    #[error("must not hold half of a surrogate pair: send \\ud83d\\ude00, not \\ud83d alone")]
    LoneSurrogate,
    /// A number does not fit an IEEE 754 double, or has too many decimal places.
    #[error(
        "must hold only numbers in the range of an IEEE 754 double, with at most {MAX_DECIMAL_PLACES} decimal places (at {at}): send others as text"
    )]
    NumberOutOfRange {
        /// The place.
        at: String,
    },
}

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
