//! Custom fields: the free part of a contact, a JSON object.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

/// The most top-level keys that a contact may store.
pub const MAX_CUSTOM_FIELDS: usize = 250;
/// The most bytes that a contact's custom fields may take, as UTF-8 text.
pub const MAX_CUSTOM_FIELDS_BYTES: usize = 64 * 1024;
/// The deepest nesting of objects and arrays; the object of all fields is the first level.
pub const MAX_DEPTH: usize = 8;
/// The longest key, in characters.
pub const MAX_KEY_CHARACTERS: usize = 128;
/// The most digits after the decimal point that Postgres' `numeric` holds.
const MAX_DECIMAL_PLACES: i64 = 16_383;

/// A JSON Merge Patch (RFC 7396) for the custom fields of a contact, fit to be stored.
///
/// Depth, keys, strings and numbers are checked. The size and the number of keys can be judged
/// only after the merge, where it happens: in the database.
#[derive(Clone, PartialEq)]
pub struct CustomFields(Map<String, Value>);

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
        "must not take more than {MAX_CUSTOM_FIELDS_BYTES} bytes as JSON text once merged with the stored ones"
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
        "must hold only numbers in the range of an IEEE 754 double (at {at}): send others as text"
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
        let json = json.trim();
        if !json.starts_with('{') {
            return Err(CustomFieldsError::NotAnObject);
        }
        let fields = object(json, &Place::root())?;
        if fields.values().filter(|value| !value.is_null()).count() > MAX_CUSTOM_FIELDS {
            return Err(CustomFieldsError::TooManyKeys);
        }
        Ok(Self(fields))
    }

    /// The patch as a JSON object.
    #[must_use]
    pub fn as_object(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// Silent: custom fields are personal data and stay out of logs.
impl fmt::Debug for CustomFields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CustomFields(…)")
    }
}

// Level by level, and not as a `Value` at once: that one takes some keys for its own, so that
// they would not be stored as sent.

fn object(json: &str, place: &Place<'_>) -> Result<Map<String, Value>, CustomFieldsError> {
    if place.depth > MAX_DEPTH {
        return Err(CustomFieldsError::TooDeep);
    }
    // Well-formed text: what can be wrong with it here is an escape in a key.
    let members: BTreeMap<String, &RawValue> =
        serde_json::from_str(json).map_err(|_| CustomFieldsError::LoneSurrogate)?;
    members
        .into_iter()
        .map(|(key, raw)| {
            let at = place.child(&key);
            let value = value(raw.get(), &at)?;
            // A key of a `null` outside arrays is removed, not stored: it may be of any length.
            let is_removal = value.is_null() && !place.in_array;
            if !is_removal && key.chars().count() > MAX_KEY_CHARACTERS {
                return Err(CustomFieldsError::KeyTooLong { at: at.pointer() });
            }
            check_text(&key, &at)?;
            Ok((key, value))
        })
        .collect()
}

fn array(json: &str, place: &Place<'_>) -> Result<Vec<Value>, CustomFieldsError> {
    if place.depth > MAX_DEPTH {
        return Err(CustomFieldsError::TooDeep);
    }
    let items: Vec<&RawValue> =
        serde_json::from_str(json).map_err(|_| CustomFieldsError::LoneSurrogate)?;
    let items = items.into_iter().enumerate();
    items
        .map(|(index, raw)| value(raw.get(), &place.item(index)))
        .collect()
}

fn value(json: &str, place: &Place<'_>) -> Result<Value, CustomFieldsError> {
    match json.as_bytes().first() {
        Some(b'{') => object(json, place).map(Value::Object),
        Some(b'[') => array(json, place).map(Value::Array),
        Some(b'"') => {
            let text: String =
                serde_json::from_str(json).map_err(|_| CustomFieldsError::LoneSurrogate)?;
            check_text(&text, place)?;
            Ok(Value::String(text))
        }
        Some(b'n') => Ok(Value::Null),
        Some(b't') => Ok(Value::Bool(true)),
        Some(b'f') => Ok(Value::Bool(false)),
        _ => number(json, place).map(Value::Number),
    }
}

fn check_text(text: &str, place: &Place) -> Result<(), CustomFieldsError> {
    if text.contains('\0') {
        return Err(CustomFieldsError::NulCharacter {
            at: place.pointer(),
        });
    }
    Ok(())
}

fn number(text: &str, place: &Place<'_>) -> Result<Number, CustomFieldsError> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let is_zero = mantissa.bytes().all(|byte| !matches!(byte, b'1'..=b'9'));
    let decimal_places = mantissa
        .split_once('.')
        .map_or(0, |(_, places)| places.len());

    let fits_a_double = text
        .parse::<f64>()
        .is_ok_and(|value| value.is_finite() && (is_zero || value != 0.0));
    let fits_a_numeric = exponent.parse::<i64>().is_ok_and(|exponent| {
        exponent.abs() <= MAX_DECIMAL_PLACES
            && i64::try_from(decimal_places)
                .is_ok_and(|places| places - exponent <= MAX_DECIMAL_PLACES)
    });
    let number = serde_json::from_str(text)
        .ok()
        .filter(|_| fits_a_double && fits_a_numeric);
    number.ok_or_else(|| CustomFieldsError::NumberOutOfRange {
        at: place.pointer(),
    })
}

/// A JSON number that can be stored.
pub(super) fn storable_number(text: &str) -> Option<Number> {
    number(text, &Place::root()).ok()
}

/// Where in the document a value stands; a list that lives on the stack, read only on errors.
struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
    depth: usize,
    in_array: bool,
}

enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    fn root() -> Self {
        Self {
            parent: None,
            step: Step::Root,
            depth: 1,
            in_array: false,
        }
    }

    fn child(&'a self, key: &'a str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Key(key),
            depth: self.depth + 1,
            in_array: self.in_array,
        }
    }

    fn item(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Index(index),
            depth: self.depth + 1,
            in_array: true,
        }
    }

    fn pointer(&self) -> String {
        let mut pointer = self.parent.map(Place::pointer).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Key(key) => {
                pointer.push('/');
                // Long keys are cut: the message is there to find the place, not to repeat it.
                let key: String = key.chars().take(64).collect();
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Step::Index(index) => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
        }
        pointer
    }
}
