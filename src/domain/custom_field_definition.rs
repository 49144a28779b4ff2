//! What a company says of one of its custom fields.

use std::fmt;

use serde::Serialize;
use time::OffsetDateTime;

use super::custom_field_limits::MAX_KEY_CHARACTERS;
use super::field_type::{FieldType, FieldTypeName, MAX_OPTIONS};
use super::id::define_id;
use super::key_folding::fold;
use super::{FilterState, InvisibleCharacter, Label};

/// The most custom fields that a company may define.
pub const MAX_DEFINITIONS: usize = 250;

/// The key of a definition, in upper case and NFC. It stands for the keys of contacts that differ from it in
/// nothing but case or Unicode normal form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct FieldKey(String);

/// A text that is no key of a definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFieldKey {
    /// It contains an invisible character.
    #[error(transparent)]
    Invisible(InvisibleCharacter),
    /// It is blank or too long, or holds control characters.
    #[error("must be a key of 1 to {MAX_KEY_CHARACTERS} characters in upper case, such as PLAN")]
    NotAKey,
}

impl FieldKey {
    /// The key that a contact's key belongs to.
    #[must_use]
    pub fn of(contact_key: &str) -> Self {
        Self(fold(contact_key))
    }

    /// The key of a new definition: one that people can see.
    ///
    /// # Errors
    /// If it is not a key, or holds an invisible character.
    pub fn of_new_definition(text: &str) -> Result<Self, InvalidFieldKey> {
        match InvisibleCharacter::find(text) {
            Some(found) => Err(InvalidFieldKey::Invisible(found)),
            None => text.parse(),
        }
    }

    /// The key in upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for FieldKey {
    type Err = InvalidFieldKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let key = Self::of(text);
        let is_valid = (1..=MAX_KEY_CHARACTERS).contains(&key.0.chars().count())
            && !key.0.trim().is_empty()
            && !key.0.chars().any(char::is_control);
        is_valid.then_some(key).ok_or(InvalidFieldKey::NotAKey)
    }
}

impl fmt::Display for FieldKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The specification of a field, whose members fit together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldSpecification {
    /// Its name for people.
    pub display_name: Label,
    /// Which values it takes.
    #[serde(flatten)]
    pub field_type: FieldType,
    /// Its category.
    pub category: Option<Label>,
    /// Whether contacts can be filtered by it.
    pub filterable: bool,
}

/// A change of a specification. `None` leaves a member.
#[derive(Debug, Clone, Default)]
pub struct FieldChange {
    /// Its name for people.
    pub display_name: Option<Label>,
    /// Its type.
    pub field_type: Option<FieldTypeName>,
    /// The options of a select.
    pub options: Option<Vec<Label>>,
    /// Its category. `Some(None)`: none.
    pub category: Option<Option<Label>>,
    /// Whether contacts can be filtered by it.
    pub filterable: Option<bool>,
}

/// Why a specification is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSpecification {
    /// A select without options.
    #[error("are required for the type select: send 1 to {MAX_OPTIONS} strings")]
    OptionsRequired,
    /// Options for another type.
    #[error("are for the type select alone: remove them, or change the type")]
    OptionsNotTaken,
    /// An option is repeated.
    #[error("must not name an option twice")]
    OptionTwice,
    /// The values of this type are not compared.
    #[error("must be false for the type json: its values are not compared")]
    JsonNotFilterable,
}

impl InvalidSpecification {
    /// The field of the body that is wrong.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::OptionsRequired | Self::OptionsNotTaken | Self::OptionTwice => "options",
            Self::JsonNotFilterable => "filterable",
        }
    }
}

impl FieldSpecification {
    /// The default specification of a field with this name: free text.
    #[must_use]
    pub const fn named(display_name: Label) -> Self {
        Self {
            display_name,
            field_type: FieldType::Text,
            category: None,
            filterable: false,
        }
    }

    /// This specification with some changes. A change away from select drops its options.
    ///
    /// # Errors
    /// If the members do not fit together.
    pub fn with(&self, change: &FieldChange) -> Result<Self, InvalidSpecification> {
        let name = change.field_type.unwrap_or(self.field_type.name());
        let sent = change.options.as_ref().map(|options| {
            let texts = options.iter().map(|option| option.as_str().to_owned());
            texts.collect::<Vec<_>>()
        });
        let options = sent.unwrap_or_else(|| match name {
            FieldTypeName::Select => self.field_type.options().to_vec(),
            _ => Vec::new(),
        });
        let changed = Self {
            display_name: change
                .display_name
                .clone()
                .unwrap_or_else(|| self.display_name.clone()),
            field_type: field_type(name, options)?,
            category: change.category.clone().unwrap_or(self.category.clone()),
            filterable: change.filterable.unwrap_or(self.filterable),
        };
        match (changed.filterable, &changed.field_type) {
            (true, FieldType::Json) => Err(InvalidSpecification::JsonNotFilterable),
            _ => Ok(changed),
        }
    }
}

fn field_type(
    name: FieldTypeName,
    options: Vec<String>,
) -> Result<FieldType, InvalidSpecification> {
    if name != FieldTypeName::Select && !options.is_empty() {
        return Err(InvalidSpecification::OptionsNotTaken);
    }
    Ok(match name {
        FieldTypeName::Text => FieldType::Text,
        FieldTypeName::Number => FieldType::Number,
        FieldTypeName::Boolean => FieldType::Boolean,
        FieldTypeName::Date => FieldType::Date,
        FieldTypeName::DateTime => FieldType::DateTime,
        FieldTypeName::Json => FieldType::Json,
        FieldTypeName::Select => {
            if !(1..=MAX_OPTIONS).contains(&options.len()) {
                return Err(InvalidSpecification::OptionsRequired);
            }
            let distinct: std::collections::HashSet<_> = options.iter().collect();
            if distinct.len() < options.len() {
                return Err(InvalidSpecification::OptionTwice);
            }
            FieldType::Select { options }
        }
    })
}

define_id!(
    /// The id of a definition in the database.
    DefinitionId
);

/// A definition.
#[derive(Debug, Clone)]
pub struct CustomFieldDefinition {
    /// Its id in the database.
    pub id: DefinitionId,
    /// Its key.
    pub key: FieldKey,
    /// Its specification.
    pub specification: FieldSpecification,
    /// The state of its filter.
    pub filter: FilterState,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
}
