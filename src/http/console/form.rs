//! The values of a form, and what is wrong with them.

use std::fmt::Display;
use std::str::FromStr;

use super::format;

/// What is wrong with one field.
pub(super) struct FieldError {
    /// The field's name.
    pub(super) field: &'static str,
    /// The field's label; empty if the message needs none.
    label: String,
    /// How to fix it.
    message: String,
}

impl FieldError {
    /// For the list above the form, such as `Name: must have …`.
    pub(super) fn with_label(&self) -> String {
        if self.label.is_empty() {
            self.at_field()
        } else {
            format!("{}: {}", self.label, self.message)
        }
    }

    /// At the field, whose label stands above.
    pub(super) fn at_field(&self) -> String {
        format::sentence(&self.message)
    }
}

/// The values of a form as they are shown in it, and the errors in them.
#[derive(Default)]
pub(super) struct Form {
    values: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Form {
    /// A form that shows these values.
    pub(super) fn showing<const N: usize>(values: [(&str, String); N]) -> Self {
        let values = values.map(|(name, value)| (name.to_owned(), value));
        Self::sent(values.into())
    }

    /// What a browser sent.
    pub(super) const fn sent(values: Vec<(String, String)>) -> Self {
        Self {
            values,
            errors: Vec::new(),
        }
    }

    /// One more value of a field that may have several.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.values.push((name.to_owned(), value.to_owned()));
    }

    /// The value of a field; of one that was not sent, an empty one.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.values.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value)
    }

    /// The values of a field that may have several.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self.values.iter();
        values.filter_map(move |(field, value)| (field == name).then_some(value.as_str()))
    }

    /// Whether a field has this value.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|text| text == value)
    }

    /// Reads a field, whose label names it in the list of errors.
    pub(super) fn read<T: FromStr<Err: Display>>(
        &mut self,
        name: &'static str,
        label: &str,
    ) -> Option<T> {
        let read = self.text(name).trim().parse();
        self.keep(name, label, read)
    }

    /// As [`Form::read`], for a field that may be left empty.
    pub(super) fn read_optional<T: FromStr<Err: Display>>(
        &mut self,
        name: &'static str,
        label: &str,
    ) -> Option<T> {
        if self.text(name).trim().is_empty() {
            return None;
        }
        self.read(name, label)
    }

    /// The value that was read, or the error.
    pub(super) fn keep<T, E: Display>(
        &mut self,
        field: &'static str,
        label: &str,
        read: Result<T, E>,
    ) -> Option<T> {
        read.map_err(|error| {
            self.errors.push(FieldError {
                field,
                label: label.to_owned(),
                message: error.to_string(),
            });
        })
        .ok()
    }

    /// As [`Form::read_optional`], with a message of its own for a text that is no value.
    pub(super) fn read_or<T: FromStr>(&mut self, name: &'static str, message: &str) -> Option<T> {
        let text = self.text(name).trim();
        if text.is_empty() {
            return None;
        }
        let read = text.parse().ok();
        if read.is_none() {
            self.add_error(name, message);
        }
        read
    }

    /// Says what is wrong with a field, in a sentence that needs no label.
    pub(super) fn add_error(&mut self, field: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError {
            field,
            label: String::new(),
            message: message.into(),
        });
    }

    /// What is wrong.
    pub(super) fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Whether nothing is wrong.
    pub(super) fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    /// What is wrong with a field.
    pub(super) fn error(&self, name: &str) -> Option<String> {
        let error = self.errors.iter().find(|error| error.field == name)?;
        Some(error.at_field())
    }
}
