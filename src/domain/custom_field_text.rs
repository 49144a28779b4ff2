//! From the text of custom fields as it was sent to the text that is stored.
//!
//! It is read level by level, and what is refused is refused before more of it is read: memory and
//! time are bounded by the length of the text.

use std::borrow::Cow;

use serde_json::Value;
use serde_json::value::RawValue;

use super::custom_field_limits::{
    CustomFieldsError, MAX_CUSTOM_FIELDS_BYTES, MAX_DEPTH, MAX_KEY_CHARACTERS,
};
use super::json;
use super::json_number::StorableNumber;

/// A patch whose values can be stored.
pub(super) struct Patch {
    /// Compact JSON text.
    pub(super) text: String,
    /// Top-level keys that it does not remove.
    pub(super) stored_keys: usize,
}

/// Checks a patch, and writes it anew: compact, without duplicate keys.
pub(super) fn read_patch(json: &str) -> Result<Patch, CustomFieldsError> {
    if !json.starts_with('{') {
        return Err(CustomFieldsError::NotAnObject);
    }
    let mut writer = Writer {
        text: String::with_capacity(json.len()),
        stored_bytes: 0,
    };
    let stored_keys = writer.object(json, &Place::root())?;
    Ok(Patch {
        text: writer.text,
        stored_keys,
    })
}

struct Writer {
    text: String,
    /// How many bytes of it are stored, as Postgres prints them: with blanks after commas and
    /// colons, with numbers written out, without what is only removed.
    stored_bytes: usize,
}

impl Writer {
    /// Writes an object, and returns how many of its members are stored.
    fn object(&mut self, json: &str, place: &Place<'_>) -> Result<usize, CustomFieldsError> {
        place.check_depth()?;
        // Well-formed text: what can be wrong with it here is an escape in a key.
        let members = json::members(json).map_err(|_| CustomFieldsError::LoneSurrogate)?;
        self.text.push('{');
        self.store(2)?;
        let mut stored = 0;
        for (index, (key, raw)) in members.into_iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            let at = place.child(&key);
            // A key of a `null` outside arrays is removed, not stored: it may be of any length.
            let is_removal = raw.get() == "null" && !place.in_array;
            if !is_removal && key.chars().count() > MAX_KEY_CHARACTERS {
                return Err(CustomFieldsError::KeyTooLong { at: at.pointer() });
            }
            let key_bytes = self.string(key.clone(), &at)?;
            self.text.push(':');
            if is_removal {
                self.text.push_str("null");
                continue;
            }
            let blanks_and_comma = if stored > 0 { 4 } else { 2 };
            self.store(key_bytes + blanks_and_comma)?;
            self.value(raw, &at)?;
            stored += 1;
        }
        self.text.push('}');
        Ok(stored)
    }

    fn array(&mut self, json: &str, place: &Place<'_>) -> Result<(), CustomFieldsError> {
        place.check_depth()?;
        let items: Vec<&RawValue> =
            serde_json::from_str(json).map_err(|_| CustomFieldsError::LoneSurrogate)?;
        self.text.push('[');
        self.store(2 + 2 * items.len().saturating_sub(1))?;
        for (index, raw) in items.into_iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.value(raw, &place.item(index))?;
        }
        self.text.push(']');
        Ok(())
    }

    fn value(&mut self, raw: &RawValue, place: &Place<'_>) -> Result<(), CustomFieldsError> {
        let json = raw.get();
        match json.as_bytes().first() {
            Some(b'{') => self.object(json, place).map(|_| ()),
            Some(b'[') => self.array(json, place),
            Some(b'"') => {
                let text = json::text(json).map_err(|_| CustomFieldsError::LoneSurrogate)?;
                let bytes = self.string(text, place)?;
                self.store(bytes)
            }
            Some(b'n' | b't' | b'f') => {
                self.text.push_str(json);
                self.store(json.len())
            }
            _ => {
                let number = StorableNumber::of(json);
                let number = number.ok_or_else(|| CustomFieldsError::NumberOutOfRange {
                    at: place.pointer(),
                })?;
                self.text.push_str(number.text);
                self.store(number.printed_bytes)
            }
        }
    }

    /// Writes a string or key, and returns its bytes. Postgres escapes the same characters.
    fn string(
        &mut self,
        text: Cow<'_, str>,
        place: &Place<'_>,
    ) -> Result<usize, CustomFieldsError> {
        let start = self.text.len();
        match text {
            // It stands in the body as it is: nothing in it needs an escape.
            Cow::Borrowed(text) => {
                self.text.push('"');
                self.text.push_str(text);
                self.text.push('"');
            }
            Cow::Owned(text) if text.contains('\0') => {
                return Err(CustomFieldsError::NulCharacter {
                    at: place.pointer(),
                });
            }
            Cow::Owned(text) => self.text.push_str(&Value::String(text).to_string()),
        }
        Ok(self.text.len() - start)
    }

    fn store(&mut self, bytes: usize) -> Result<(), CustomFieldsError> {
        self.stored_bytes += bytes;
        if self.stored_bytes > MAX_CUSTOM_FIELDS_BYTES {
            return Err(CustomFieldsError::TooLarge);
        }
        Ok(())
    }
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

    fn check_depth(&self) -> Result<(), CustomFieldsError> {
        if self.depth > MAX_DEPTH {
            return Err(CustomFieldsError::TooDeep);
        }
        Ok(())
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
