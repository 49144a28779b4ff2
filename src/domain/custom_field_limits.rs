//! What custom fields must keep to be stored.

use super::json_number::MAX_DECIMAL_PLACES;

/// The most top-level keys that a contact may store.
pub const MAX_CUSTOM_FIELDS: usize = 250;
/// The most bytes that a contact's custom fields may take, as UTF-8 text.
pub const MAX_CUSTOM_FIELDS_BYTES: usize = 64 * 1024;
/// The deepest nesting of objects and arrays; the object of all fields is the first level.
pub const MAX_DEPTH: usize = 8;
/// The longest key, in characters.
pub const MAX_KEY_CHARACTERS: usize = 128;

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
