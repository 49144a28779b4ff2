//! The type of a defined custom field: which values it takes.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Number, Value};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::json;
use super::json_number::StorableNumber;

/// The most options of a select.
pub const MAX_OPTIONS: usize = 500;
/// The most options that a message lists.
const MAX_LISTED: usize = 10;
/// The most bytes that they take in it.
const MAX_LISTED_BYTES: usize = 200;

/// Which values a custom field takes. `null` removes a field, whatever its type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum FieldType {
    /// A string.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A day as `2026-01-31` (ISO 8601).
    Date,
    /// A timestamp as `2026-01-31T12:00:00Z` (RFC 3339).
    DateTime,
    /// One of some strings.
    Select {
        /// These; at least one, none twice.
        options: Vec<String>,
    },
    /// Any JSON value.
    Json,
}

/// Which values a field takes; `null` removes any. A `date` is such as `2026-01-31`, a `datetime`
/// such as `2026-01-31T12:00:00Z` (RFC 3339), a `select` one of its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldTypeName {
    /// [`FieldType::Text`]
    Text,
    /// [`FieldType::Number`]
    Number,
    /// [`FieldType::Boolean`]
    Boolean,
    /// [`FieldType::Date`]
    Date,
    /// [`FieldType::DateTime`]
    DateTime,
    /// [`FieldType::Select`]
    Select,
    /// [`FieldType::Json`]
    Json,
}

impl FieldTypeName {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Text,
        Self::Number,
        Self::Boolean,
        Self::Date,
        Self::DateTime,
        Self::Select,
        Self::Json,
    ];

    /// The name that callers and the database use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Select => "select",
            Self::Json => "json",
        }
    }

    /// The type of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }
}

impl FieldType {
    /// The name of the type.
    #[must_use]
    pub const fn name(&self) -> FieldTypeName {
        match self {
            Self::Text => FieldTypeName::Text,
            Self::Number => FieldTypeName::Number,
            Self::Boolean => FieldTypeName::Boolean,
            Self::Date => FieldTypeName::Date,
            Self::DateTime => FieldTypeName::DateTime,
            Self::Select { .. } => FieldTypeName::Select,
            Self::Json => FieldTypeName::Json,
        }
    }

    /// The options of a select; of any other type none.
    #[must_use]
    pub fn options(&self) -> &[String] {
        match self {
            Self::Select { options } => options,
            _ => &[],
        }
    }

    /// Whether a value, given as JSON text, may be stored.
    #[must_use]
    pub fn accepts(&self, value: &RawValue) -> bool {
        let json = value.get();
        match (self, json.as_bytes().first()) {
            (_, Some(b'n')) | (Self::Json, _) => true,
            (Self::Number, first) => matches!(first, Some(b'-' | b'0'..=b'9')),
            (Self::Boolean, first) => matches!(first, Some(b't' | b'f')),
            (_, Some(b'"')) => json::text(json).is_ok_and(|text| self.accepts_text(&text)),
            (_, _) => false,
        }
    }

    /// Whether a string may be stored.
    fn accepts_text(&self, text: &str) -> bool {
        match self {
            Self::Text | Self::Json => true,
            Self::Number | Self::Boolean => false,
            Self::Date => is_date(text),
            Self::DateTime => is_datetime(text),
            Self::Select { options } => options.iter().any(|option| option == text),
        }
    }

    /// What to send, as in "must be a number".
    #[must_use]
    pub fn expectation(&self) -> String {
        match self {
            Self::Text => "must be a string".to_owned(),
            Self::Number => "must be a number".to_owned(),
            Self::Boolean => "must be true or false".to_owned(),
            Self::Date => "must be a date such as \"2026-01-31\"".to_owned(),
            Self::DateTime => {
                "must be a date and time such as \"2026-01-31T12:00:00Z\" (RFC 3339)".to_owned()
            }
            Self::Select { options } => format!("must be one of {}", listed(options)),
            Self::Json => "must be JSON".to_owned(),
        }
    }

    /// The value that a filter's text means; `None` if no value of this type is written so.
    #[must_use]
    pub fn read_filter(&self, text: &str) -> Option<Value> {
        match self {
            Self::Number => {
                let is_number = serde_json::from_str::<Number>(text).is_ok();
                let number = is_number
                    .then(|| StorableNumber::of(text.trim()))
                    .flatten()?;
                serde_json::from_str(number.text).ok().map(Value::Number)
            }
            Self::Boolean => text.parse().ok().map(Value::Bool),
            // The database cannot store U+0000, so nothing has it.
            _ if text.contains('\0') => None,
            _ => self.accepts_text(text).then(|| Value::from(text)),
        }
    }
}

fn is_date(text: &str) -> bool {
    // The parser would also take a sign, and longer years.
    text.len() == 10 && Date::parse(text, format_description!("[year]-[month]-[day]")).is_ok()
}

fn is_datetime(text: &str) -> bool {
    OffsetDateTime::parse(text, &Rfc3339).is_ok()
}

/// The first few options, each quoted, in not many more than [`MAX_LISTED_BYTES`].
fn listed(options: &[String]) -> String {
    let mut listed = String::new();
    for (index, option) in options.iter().enumerate() {
        let separator = if index > 0 { ", " } else { "" };
        let option = format!("{separator}{option:?}");
        let is_beyond = listed.len() + option.len() > MAX_LISTED_BYTES;
        if index == MAX_LISTED || (is_beyond && index > 0) {
            return listed + ", …";
        }
        if is_beyond {
            let end = option.floor_char_boundary(MAX_LISTED_BYTES);
            return option[..end].to_owned() + "…";
        }
        listed.push_str(&option);
    }
    listed
}
