//! From the text of a body to a [`FieldChange`], with all that is wrong told at once.

use serde_json::value::RawValue;

use crate::domain::{FieldChange, FieldKey, FieldSpecification, FieldTypeName, Label};
use crate::http::shared::error::ApiError;
use crate::http::shared::field_error::FieldError;
use crate::http::shared::members::{
    Errors, Members, boolean, invalid, object, present, string, unknown, unreadable,
};

/// Reads a new definition: `key` and `type`, and perhaps the rest. The name for people is the key
/// as it was sent, if no other is.
///
/// # Errors
/// Every bad field.
pub(in crate::http) fn parse_new(text: &str) -> Result<(FieldKey, FieldSpecification), ApiError> {
    let mut members = object("body", text).map_err(|error| ApiError::Invalid(vec![error]))?;
    let mut errors = Errors::default();
    let raw_key = members.remove("key").and_then(present);
    if raw_key.is_none() {
        errors.add(FieldError::new("key", "is required"));
    }
    let key = raw_key.and_then(|raw| errors.keep(new_key(raw)));
    let label = raw_key.and_then(|raw| label("key", raw).ok());
    let change = read_change(members, &mut errors);
    if change.field_type.is_none() && !errors.has("type") {
        errors.add(FieldError::new(
            "type",
            &format!("is required: use {}", type_names()),
        ));
    }
    errors.finish()?;
    let (key, label) = key
        .zip(label)
        .ok_or_else(|| ApiError::Invalid(vec![FieldError::new("key", "must not be blank")]))?;
    let specification = FieldSpecification::named(label).with(&change)?;
    Ok((key, specification))
}

/// Reads a change of a definition. `"category": null` takes it out of its category.
///
/// # Errors
/// Every bad field.
pub(in crate::http) fn parse_change(text: &str) -> Result<FieldChange, ApiError> {
    let mut members = object("body", text).map_err(|error| ApiError::Invalid(vec![error]))?;
    let mut errors = Errors::default();
    if let Some(raw) = members.remove("key") {
        let reason = "cannot be changed: delete the definition, and make another one";
        errors.add(invalid("key", reason, raw));
    }
    let change = read_change(members, &mut errors);
    errors.finish()?;
    Ok(change)
}

fn read_change(mut members: Members<'_>, errors: &mut Errors) -> FieldChange {
    let mut member = |name| members.remove(name);
    let display_name = member("displayName").and_then(present);
    let field_type = member("type").and_then(present);
    let options = member("options").and_then(present);
    let category = member("category");
    let filterable = member("filterable").and_then(present);
    let change = FieldChange {
        display_name: display_name.and_then(|raw| errors.keep(label("displayName", raw))),
        field_type: field_type.and_then(|raw| errors.keep(type_name(raw))),
        options: options.and_then(|raw| errors.keep(labels(raw))),
        category: category
            .map(|raw| present(raw).and_then(|raw| errors.keep(label("category", raw)))),
        filterable: filterable.and_then(|raw| errors.keep(boolean("filterable", raw))),
    };
    for (name, raw) in members {
        let reason = "is not a field of a custom-field definition: remove it";
        errors.add_with(|| unknown(&name, reason, raw));
    }
    change
}

fn new_key(raw: &RawValue) -> Result<FieldKey, FieldError> {
    FieldKey::of_new_definition(&string("key", raw)?).map_err(|error| invalid("key", error, raw))
}

fn label(field: &str, raw: &RawValue) -> Result<Label, FieldError> {
    string(field, raw)?
        .parse()
        .map_err(|error| invalid(field, error, raw))
}

fn type_name(raw: &RawValue) -> Result<FieldTypeName, FieldError> {
    let text = string("type", raw)?;
    FieldTypeName::parse(&text).ok_or_else(|| {
        unreadable(
            "type",
            format!("must be one of {}", type_names()),
            &text,
            raw,
        )
    })
}

fn type_names() -> String {
    FieldTypeName::ALL.map(FieldTypeName::as_str).join(", ")
}

fn labels(raw: &RawValue) -> Result<Vec<Label>, FieldError> {
    let items: Vec<&RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| invalid("options", "must be an array of strings", raw))?;
    items
        .into_iter()
        .map(|item| {
            Label::exact(&string("options", item)?).map_err(|error| invalid("options", error, item))
        })
        .collect()
}
