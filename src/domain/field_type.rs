//! The type of a defined custom field: which values it takes.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use super::custom_fields::storable_number;

/// The most options of a select.
pub const MAX_OPTIONS: usize = 500;

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
    /// A moment as `2026-01-31T12:00:00Z` (RFC 3339).
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CustomFieldType)]
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

    /// Whether a value may be stored.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        match self {
            _ if value.is_null() => true,
            Self::Json => true,
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Date => value.as_str().is_some_and(is_date),
            Self::DateTime => value.as_str().is_some_and(is_datetime),
            Self::Select { options } => value
                .as_str()
                .is_some_and(|text| options.iter().any(|option| option == text)),
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
        let value = match self {
            Self::Number => Value::Number(storable_number(text)?),
            Self::Boolean => Value::Bool(text.parse().ok()?),
            // The database cannot store U+0000, so nothing has it.
            _ if text.contains('\0') => return None,
            _ => Value::String(text.to_owned()),
        };
        self.accepts(&value).then_some(value)
    }
}

fn is_date(text: &str) -> bool {
    // The parser would also take a sign, and longer years.
    text.len() == 10 && Date::parse(text, format_description!("[year]-[month]-[day]")).is_ok()
}

fn is_datetime(text: &str) -> bool {
    OffsetDateTime::parse(text, &Rfc3339).is_ok()
}

/// The first few options, each as JSON.
fn listed(options: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = options.iter().take(SHOWN);
    let mut listed: Vec<String> = shown.map(|option| format!("{option:?}")).collect();
    if options.len() > SHOWN {
        listed.push("…".to_owned());
    }
    listed.join(", ")
}
