//! Reads the scopes of a key.

use serde_json::value::RawValue;

use crate::domain::{Scope, Scopes};
use crate::http::shared::{FieldError, invalid, parsed};

/// Reads a list of at least one scope.
pub(super) fn scopes(field: &str, raw: &RawValue) -> Result<Scopes, FieldError> {
    let items: Vec<&RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| invalid(field, "must be an array of scopes", raw))?;
    if items.is_empty() {
        return Err(FieldError::new(field, "must name at least one scope"));
    }
    items
        .into_iter()
        .map(|item| parsed::<Scope>(field, item))
        .collect()
}
