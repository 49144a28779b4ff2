//! What a company's custom fields have to be like.

use std::collections::HashMap;

use serde_json::Value;

use super::{CustomFields, FieldKey, FieldType, InvisibleCharacter};

const NOT_DEFINED: &str =
    "is not defined: define it with POST /public/v1/custom-fields, or remove it";

/// The definitions of a company, as a contact's custom fields are judged by them.
#[derive(Debug, Clone, Default)]
pub struct CustomFieldRules {
    is_strict: bool,
    types: HashMap<FieldKey, FieldType>,
}

/// A custom field that must not be stored.
#[derive(Debug)]
pub struct FieldViolation<'a> {
    /// Its key, as sent.
    pub key: &'a str,
    /// What was sent.
    pub value: &'a Value,
    /// How to mend it, as in "must be a number".
    pub reason: String,
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
        let judged = fields.as_object().iter().filter(|_| self.is_any());
        judged.filter_map(|(key, value)| {
            let reason = match self.types.get(&FieldKey::of(key)) {
                Some(field_type) if field_type.accepts(value) => return None,
                Some(field_type) => match value.as_str().and_then(InvisibleCharacter::find) {
                    Some(found) => found.to_string(),
                    None => field_type.expectation(),
                },
                None if !self.is_strict || value.is_null() => return None,
                None => match InvisibleCharacter::find(key) {
                    Some(found) => found.to_string(),
                    None => NOT_DEFINED.to_owned(),
                },
            };
            Some(FieldViolation { key, value, reason })
        })
    }

    fn is_any(&self) -> bool {
        self.is_strict || !self.types.is_empty()
    }
}
