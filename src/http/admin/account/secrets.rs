//! Members that hold secrets: no error repeats them.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::domain::Password;
use crate::http::shared::{FieldError, string};

/// A secret text.
pub(super) fn secret(field: &str, raw: &RawValue) -> Result<String, FieldError> {
    string(field, raw)
        .map(Cow::into_owned)
        .map_err(|error| FieldError {
            value: None,
            ..error
        })
}

/// A password to set.
pub(super) fn new_password(field: &str, raw: &RawValue) -> Result<Password, FieldError> {
    Password::parse(&secret(field, raw)?)
        .map_err(|error| FieldError::new(field, &error.to_string()))
}
