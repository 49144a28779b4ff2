//! The rules for custom fields of a company.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde_json::value::RawValue;

use super::json::Members;
use super::{CustomFields, FieldKey, FieldType, InvisibleCharacter};

const NOT_DEFINED: &str =
    "is not defined: define it with POST /public/v1/custom-fields, or remove it";

/// The types of a company's custom fields, which the fields of contacts are checked against.
#[derive(Debug, Clone, Default)]
pub struct CustomFieldRules {
    is_strict: bool,
    types: HashMap<FieldKey, FieldType>,
}

/// A custom field that must not be stored.
#[derive(Debug)]
pub struct FieldViolation<'a> {
    /// Its key, as sent.
    pub key: Cow<'a, str>,
    /// What was sent, as JSON text.
    pub value: &'a RawValue,
    /// The rule that it breaks. Its text says what to send, for example "must be a number".
    pub rule: BrokenRule<'a>,
}

/// A rule that a custom field breaks.
#[derive(Debug)]
pub enum BrokenRule<'a> {
    /// The value is of another type.
    Type(&'a FieldType),
    /// The company is strict, and the field is not defined.
    Undefined,
    /// The value would be valid without an invisible character.
    Invisible(InvisibleCharacter),
}

impl fmt::Display for BrokenRule<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(field_type) => formatter.write_str(&field_type.expectation()),
            Self::Undefined => formatter.write_str(NOT_DEFINED),
            Self::Invisible(found) => found.fmt(formatter),
        }
    }
}

/// The text of a JSON string; `None` for any other value.
fn json_text(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

impl CustomFieldRules {
    /// Rules with these types; strict ones refuse every field without one.
    #[must_use]
    pub const fn new(is_strict: bool, types: HashMap<FieldKey, FieldType>) -> Self {
        Self { is_strict, types }
    }

    /// All fields that break a rule. Removing a field breaks none.
    pub fn violations<'a>(
        &'a self,
        fields: &'a CustomFields,
    ) -> impl Iterator<Item = FieldViolation<'a>> {
        let judged = if self.is_any() {
            fields.members()
        } else {
            Members::new()
        };
        judged.into_iter().filter_map(|(key, value)| {
            if value.get() == "null" {
                return None;
            }
            let rule = match self.types.get(&FieldKey::of(&key)) {
                Some(field_type) if field_type.accepts(value) => return None,
                Some(field_type) => match json_text(value)
                    .as_deref()
                    .and_then(InvisibleCharacter::find)
                {
                    Some(found) => BrokenRule::Invisible(found),
                    None => BrokenRule::Type(field_type),
                },
                None if !self.is_strict => return None,
                None => match InvisibleCharacter::find(&key) {
                    Some(found) => BrokenRule::Invisible(found),
                    None => BrokenRule::Undefined,
                },
            };
            Some(FieldViolation { key, value, rule })
        })
    }

    fn is_any(&self) -> bool {
        self.is_strict || !self.types.is_empty()
    }
}
