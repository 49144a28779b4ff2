//! Reading the members of a JSON object by hand, so that all that is wrong is told at once.

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

/// Scalars up to this many bytes of JSON are repeated in an error.
const MAX_ECHOED_BYTES: usize = 256;

/// What is wrong with what is no timestamp.
pub(in crate::http) const NO_TIMESTAMP: &str =
    "must be a moment in RFC 3339 form, such as 2030-01-31T09:30:00Z";

/// Why a member is refused that a body does not have.
const NO_FIELD: &str = "is not a field here: remove it";

/// The most bad fields of one contact, or of another body, that an answer lists.
const MAX_LISTED: usize = 20;

/// Bad fields, gathered. Those beyond the first few are only counted, and nothing is made of them.
#[derive(Default)]
pub(in crate::http) struct Errors {
    listed: Vec<FieldError>,
    omitted: usize,
}

impl Errors {
    pub(in crate::http) fn add(&mut self, error: FieldError) {
        self.add_with(|| error);
    }

    /// Adds an error that is made only if it is listed.
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

/// The members of a body, taken one by one; what is left is unknown.
pub(in crate::http) struct Reader<'a> {
    members: Members<'a>,
    /// What is wrong so far.
    pub(in crate::http) errors: Errors,
}

impl<'a> Reader<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// It is no JSON object.
    pub(in crate::http) fn new(text: &'a str) -> Result<Self, ApiError> {
        Ok(Self {
            members: object("body", text).map_err(|error| ApiError::Invalid(vec![error]))?,
            errors: Errors::default(),
        })
    }

    /// A member as it was sent, `null` too.
    pub(in crate::http) fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        self.members.remove(name)
    }

    /// A member that may be missing; `null` counts as not sent.
    pub(in crate::http) fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str, &'a RawValue) -> Result<T, FieldError>,
    ) -> Option<T> {
        let raw = present(self.take(name)?)?;
        self.errors.keep(read(name, raw))
    }

    /// A member that may be missing. `null` is a value, `Some(None)`: it resets what is there.
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

    /// A member that must be there.
    pub(in crate::http) fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str, &'a RawValue) -> Result<T, FieldError>,
    ) -> Option<T> {
        self.required_because(name, "is required", read)
    }

    /// A member that must be there; `reason` is what an error says otherwise.
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

    /// What was read, if nothing is wrong and no member is left.
    ///
    /// # Errors
    /// All that is wrong.
    pub(in crate::http) fn finish_with<T>(self, read: Option<T>) -> Result<T, ApiError> {
        self.finish(NO_FIELD)?;
        read.ok_or_else(|| ApiError::Internal("a body without errors and values".to_owned()))
    }

    /// Refuses the members that are left, for this reason.
    ///
    /// # Errors
    /// All that is wrong.
    pub(in crate::http) fn finish(mut self, reason: &str) -> Result<(), ApiError> {
        for (name, raw) in self.members {
            self.errors.add_with(|| unknown(&name, reason, raw));
        }
        self.errors.finish()
    }
}

/// A member that is `null` counts as not sent.
pub(in crate::http) fn present(raw: &RawValue) -> Option<&RawValue> {
    (raw.get() != "null").then_some(raw)
}

pub(in crate::http) fn object<'a>(field: &str, text: &'a str) -> Result<Members<'a>, FieldError> {
    if !text.trim_start().starts_with('{') {
        return Err(FieldError::new(field, "must be a JSON object"));
    }
    // The text is well-formed: what still can be wrong is an escape in a name.
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

/// A value that has one form of text.
pub(in crate::http) fn parsed<T: FromStr<Err: Display>>(
    field: &str,
    raw: &RawValue,
) -> Result<T, FieldError> {
    let text = string(field, raw)?;
    text.parse()
        .map_err(|error| unreadable(field, error, &text, raw))
}

/// A timestamp in the form of RFC 3339.
pub(in crate::http) fn parsed_timestamp(
    field: &str,
    raw: &RawValue,
) -> Result<OffsetDateTime, FieldError> {
    let text = string(field, raw)?;
    timestamp::parse(&text).ok_or_else(|| unreadable(field, NO_TIMESTAMP, &text, raw))
}

/// A short text for people.
pub(in crate::http) fn parsed_label(field: &str, raw: &RawValue) -> Result<Label, FieldError> {
    string(field, raw)?
        .parse()
        .map_err(|error| invalid(field, error, raw))
}

/// An error that repeats a small scalar.
pub(in crate::http) fn invalid(field: &str, reason: impl Display, raw: &RawValue) -> FieldError {
    FieldError {
        value: echo(raw),
        ..FieldError::new(field, &reason.to_string())
    }
}

/// An error of a text that cannot be read: of an invisible character in it, if that is why.
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

/// A member that is not taken; an invisible character may be all that is wrong with its name.
pub(in crate::http) fn unknown(name: &str, reason: &str, raw: &RawValue) -> FieldError {
    match InvisibleCharacter::find(name) {
        Some(found) => invalid(name, found, raw),
        None => invalid(name, reason, raw),
    }
}

/// A small scalar, unless it is itself what some readers of JSON refuse.
pub(in crate::http) fn echo(raw: &RawValue) -> Option<Box<Value>> {
    let json = raw.get();
    let is_echoed = json.len() <= MAX_ECHOED_BYTES && !json.starts_with(['{', '[']);
    serde_json::from_str(json).ok().filter(|_| is_echoed)
}
