//! The error of one field of a body.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The longest field name that an error repeats in full. The name of every custom field is shorter.
const MAX_FIELD_CHARACTERS: usize = 160;

/// An invalid field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldError {
    /// Its name, such as `marketingConsent.email`.
    pub field: String,
    /// The kind of error.
    pub code: FieldCode,
    /// How to fix it.
    pub message: String,
    /// The sent value, if it is a short scalar.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    pub value: Option<Box<Value>>,
}

/// The kind of error of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldCode {
    /// `validation_error`
    ValidationError,
    /// `invalid_phone_number`
    InvalidPhoneNumber,
}

impl FieldError {
    /// An error of a field; `reason` follows its name, as in "email is required". A longer name is
    /// cut, so that an error is not larger than its cause.
    #[must_use]
    pub fn new(field: &str, reason: &str) -> Self {
        let end = field.char_indices().nth(MAX_FIELD_CHARACTERS);
        let field = match end {
            None => field.to_owned(),
            Some((end, _)) => format!("{}…", &field[..end]),
        };
        Self {
            message: format!("{field} {reason}"),
            field,
            code: FieldCode::ValidationError,
            value: None,
        }
    }
}
