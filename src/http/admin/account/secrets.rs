//! Reads members that contain secrets. No error repeats their values.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::domain::Password;
use crate::http::shared::{FieldError, string};

/// Reads a secret text.
pub(super) fn secret(field: &str, raw: &RawValue) -> Result<String, FieldError> {
    string(field, raw)
        .map(Cow::into_owned)
        .map_err(|error| FieldError {
            value: None,
            ..error
        })
}

/// Reads a new password.
pub(super) fn new_password(field: &str, raw: &RawValue) -> Result<Password, FieldError> {
    Password::parse(&secret(field, raw)?)
        .map_err(|error| FieldError::new(field, &error.to_string()))
}
