//! Reads the members of a JSON object one by one, so that a response can list all errors.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use serde_json::Value;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::error::ApiError;
use super::field_error::FieldError;
pub(in crate::http) use crate::domain::json::Members;
use crate::domain::{InvisibleCharacter, Label, json, timestamp};

/// The longest scalar that an error repeats, in bytes of JSON.
const MAX_ECHOED_BYTES: usize = 256;

/// The reason that a value is not a timestamp.
pub(in crate::http) const NOT_A_TIMESTAMP: &str =
    "must be a timestamp in RFC 3339 form, such as 2030-01-31T09:30:00Z";

/// The reason that an unknown member is refused.
const UNKNOWN_FIELD: &str = "is not a field here: remove it";

/// The most bad fields that an error lists.
const MAX_LISTED: usize = 20;

/// Collects bad fields: lists the first ones and counts the others.
#[derive(Default)]
pub(in crate::http) struct Errors {
    listed: Vec<FieldError>,
    omitted: usize,
}

impl Errors {
    pub(in crate::http) fn add(&mut self, error: FieldError) {
        self.add_with(|| error);
    }

    /// Adds an error, which is built only if it is listed.
    pub(in crate::http) fn add_with(&mut self, error: impl FnOnce() -> FieldError) {
        if self.listed.len() < MAX_LISTED {
            self.listed.push(error());
        } else {
            self.omitted += 1;
        }
    }

    pub(in crate::http) fn add_first(&mut self, error: FieldError) {
        if self.listed.len() == MAX_LISTED {
            self.listed.pop();
            self.omitted += 1;
        }
        self.listed.insert(0, error);
    }

    pub(in crate::http) fn has(&self, field: &str) -> bool {
        self.listed.iter().any(|error| error.field == field)
    }

    pub(in crate::http) fn keep<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    pub(in crate::http) fn finish(self) -> Result<(), ApiError> {
        match (self.listed.is_empty(), self.omitted) {
            (true, _) => Ok(()),
            (false, 0) => Err(ApiError::Invalid(self.listed)),
            (false, omitted) => Err(ApiError::ManyInvalid {
                listed: self.listed,
                omitted,
            }),
        }
    }
}

/// The members of a body. Each is taken by its name; the rest are unknown.
pub(in crate::http) struct Reader<'a> {
    members: Members<'a>,
    /// The errors so far.
    pub(in crate::http) errors: Errors,
}

impl<'a> Reader<'a> {
    /// Reads a body, which must be a JSON object.
    pub(in crate::http) fn new(text: &'a str) -> Result<Self, ApiError> {
        Ok(Self {
            members: object("body", text).map_err(|error| ApiError::Invalid(vec![error]))?,
            errors: Errors::default(),
        })
    }

    /// Takes a member as it was sent, including `null`.
    pub(in crate::http) fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        self.members.remove(name)
    }

    /// Takes an optional member; `null` counts as not sent.
    pub(in crate::http) fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str, &'a RawValue) -> Result<T, FieldError>,
    ) -> Option<T> {
        let raw = present(self.take(name)?)?;
        self.errors.keep(read(name, raw))
    }

    /// Takes an optional member; `null` is `Some(None)` and resets the stored value.
    pub(in crate::http) fn resettable<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str, &'a RawValue) -> Result<T, FieldError>,
    ) -> Option<Option<T>> {
        match present(self.take(name)?) {
            None => Some(None),
            Some(raw) => self.errors.keep(read(name, raw)).map(Some),
        }
    }

    /// Takes a required member.
    pub(in crate::http) fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str, &'a RawValue) -> Result<T, FieldError>,
    ) -> Option<T> {
        self.required_because(name, "is required", read)
    }

    /// Takes a required member; `reason` is the error if it is missing.
    pub(in crate::http) fn required_because<T>(
        &mut self,
        name: &str,
        reason: &str,
        read: impl FnOnce(&str, &'a RawValue) -> Result<T, FieldError>,
    ) -> Option<T> {
        let raw = self.take(name).and_then(present);
        if raw.is_none() {
            self.errors.add(FieldError::new(name, reason));
        }
        self.errors.keep(read(name, raw?))
    }

    /// Returns the value that was read, or all errors, including those of the members that are left.
    pub(in crate::http) fn finish_with<T>(self, read: Option<T>) -> Result<T, ApiError> {
        self.finish(UNKNOWN_FIELD)?;
        read.ok_or_else(|| ApiError::Internal("a body without errors and values".to_owned()))
    }

    /// Refuses the members that are left, for this reason, and returns all errors.
    pub(in crate::http) fn finish(mut self, reason: &str) -> Result<(), ApiError> {
        for (name, raw) in self.members {
            self.errors.add_with(|| unknown(&name, reason, raw));
        }
        self.errors.finish()
    }
}

/// Treats a member that is `null` as not sent.
pub(in crate::http) fn present(raw: &RawValue) -> Option<&RawValue> {
    (raw.get() != "null").then_some(raw)
}

pub(in crate::http) fn object<'a>(field: &str, text: &'a str) -> Result<Members<'a>, FieldError> {
    if !text.trim_start().starts_with('{') {
        return Err(FieldError::new(field, "must be a JSON object"));
    }
    // The text is well-formed JSON, so only an escape in a name can be invalid.
    json::members(text)
        .map_err(|_| FieldError::new(field, "must not have a name with half of a surrogate pair"))
}

pub(in crate::http) fn string<'a>(
    field: &str,
    raw: &'a RawValue,
) -> Result<Cow<'a, str>, FieldError> {
    if !raw.get().starts_with('"') {
        return Err(invalid(field, "must be a string", raw));
    }
    json::text(raw.get())
        .map_err(|_| FieldError::new(field, "must not hold half of a surrogate pair"))
}

pub(in crate::http) fn boolean(field: &str, raw: &RawValue) -> Result<bool, FieldError> {
    match raw.get() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(invalid(field, "must be true or false", raw)),
    }
}

/// Reads a value from its text form.
pub(in crate::http) fn parsed<T: FromStr<Err: Display>>(
    field: &str,
    raw: &RawValue,
) -> Result<T, FieldError> {
    let text = string(field, raw)?;
    text.parse()
        .map_err(|error| unreadable(field, error, &text, raw))
}

/// Reads a timestamp (RFC 3339).
pub(in crate::http) fn parsed_timestamp(
    field: &str,
    raw: &RawValue,
) -> Result<OffsetDateTime, FieldError> {
    let text = string(field, raw)?;
    timestamp::parse(&text).ok_or_else(|| unreadable(field, NOT_A_TIMESTAMP, &text, raw))
}

/// Reads a label.
pub(in crate::http) fn parsed_label(field: &str, raw: &RawValue) -> Result<Label, FieldError> {
    string(field, raw)?
        .parse()
        .map_err(|error| invalid(field, error, raw))
}

/// An error that repeats the value if it is a short scalar.
pub(in crate::http) fn invalid(field: &str, reason: impl Display, raw: &RawValue) -> FieldError {
    FieldError {
        value: echo(raw),
        ..FieldError::new(field, &reason.to_string())
    }
}

/// An error of a text that cannot be parsed. It names an invisible character, if there is one.
pub(in crate::http) fn unreadable(
    field: &str,
    reason: impl Display,
    text: &str,
    raw: &RawValue,
) -> FieldError {
    match InvisibleCharacter::find(text) {
        Some(found) => invalid(field, found, raw),
        None => invalid(field, reason, raw),
    }
}

/// An error of an unknown member. It names an invisible character in the member's name, if there is one.
pub(in crate::http) fn unknown(name: &str, reason: &str, raw: &RawValue) -> FieldError {
    match InvisibleCharacter::find(name) {
        Some(found) => invalid(name, found, raw),
        None => invalid(name, reason, raw),
    }
}

/// The value, if it is a short scalar that every JSON parser accepts.
pub(in crate::http) fn echo(raw: &RawValue) -> Option<Box<Value>> {
    let json = raw.get();
    let is_echoed = json.len() <= MAX_ECHOED_BYTES && !json.starts_with(['{', '[']);
    serde_json::from_str(json).ok().filter(|_| is_echoed)
}
