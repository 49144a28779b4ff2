//! The values of a form, and the errors of its fields.

use std::fmt::Display;
use std::str::FromStr;

use time::Date;
use time::macros::format_description;

use super::format;
use crate::domain::{Quota, Scope, Scopes};

/// The error of one field.
pub(super) struct FieldError {
    /// The field's name.
    pub(super) field: &'static str,
    /// The field's label; empty if the message needs none.
    label: &'static str,
    /// How to fix it.
    message: String,
}

impl FieldError {
    /// The text for the list above the form, such as `Name: must have …`.
    pub(super) fn with_label(&self) -> String {
        if self.label.is_empty() {
            self.at_field()
        } else {
            format!("{}: {}", self.label, self.message)
        }
    }

    /// The text beside the field, below its label.
    fn at_field(&self) -> String {
        format::sentence(&self.message)
    }
}

/// The values of a form as its page displays them, and the errors of its fields.
#[derive(Default)]
pub(super) struct Form {
    values: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Form {
    /// The form that a browser sent.
    pub(super) const fn sent(values: Vec<(String, String)>) -> Self {
        let errors = Vec::new();
        Self { values, errors }
    }

    /// Fills in a field: with one value, with none, or with several where the field allows that.
    pub(super) fn with(mut self, name: &str, values: impl IntoIterator<Item: ToString>) -> Self {
        let values = values.into_iter();
        self.values
            .extend(values.map(|value| (name.to_owned(), value.to_string())));
        self
    }

    /// The value of a field; empty if it was not sent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// The values of a field that can have several.
    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.values.iter();
        values.filter_map(move |(field, value)| (field == name).then_some(value.as_str()))
    }

    /// Whether a field has this value.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|text| text == value)
    }

    /// Reads a field. The list of errors names it by its label.
    pub(super) fn read<T: FromStr<Err: Display>>(
        &mut self,
        name: &'static str,
        label: &'static str,
    ) -> Option<T> {
        let value = self.text(name).trim().parse();
        self.check(name, label, value)
    }

    /// Reads a field that can be empty.
    pub(super) fn read_optional<T: FromStr<Err: Display>>(
        &mut self,
        name: &'static str,
        label: &'static str,
    ) -> Option<T> {
        let is_empty = self.text(name).trim().is_empty();
        if is_empty {
            None
        } else {
            self.read(name, label)
        }
    }

    /// Reads a rate limit, which can be empty.
    pub(super) fn read_rate_limit(&mut self) -> Option<Quota> {
        let text = self.text("rate_limit").trim();
        if text.is_empty() {
            return None;
        }
        let limit = text.parse().ok();
        if limit.is_none() {
            self.add_error("rate_limit", "Use the form requests/window, e.g. 600/60s.");
        }
        limit
    }

    /// Reads the scopes: at least one is required.
    pub(super) fn read_scopes(&mut self) -> Option<Scopes> {
        let scopes: Result<Vec<Scope>, _> = self.all("scope").map(str::parse).collect();
        let scopes = self.check("scope", "Scopes", scopes)?;
        if scopes.is_empty() {
            self.add_error("scope", "Choose at least one scope.");
            return None;
        }
        Some(scopes.into_iter().collect())
    }

    /// Reads a date, which can be empty.
    pub(super) fn read_date(&mut self, name: &'static str, label: &'static str) -> Option<Date> {
        let text = self.text(name).trim();
        if text.is_empty() {
            return None;
        }
        let date = Date::parse(text, format_description!("[year]-[month]-[day]")).ok();
        // Postgres supports fewer years before the year 1.
        let date = date.filter(|date| date.year() > 0);
        self.check(name, label, date.ok_or("write the date as 2030-01-31"))
    }

    /// Returns the value of a field, or adds its error.
    pub(super) fn check<T, E: Display>(
        &mut self,
        field: &'static str,
        label: &'static str,
        value: Result<T, E>,
    ) -> Option<T> {
        let add = |error: E| {
            let message = error.to_string();
            self.errors.push(FieldError {
                field,
                label,
                message,
            });
        };
        value.map_err(add).ok()
    }

    /// Adds the error of a field: a sentence that needs no label.
    pub(super) fn add_error(&mut self, field: &'static str, message: impl Into<String>) {
        let (label, message) = ("", message.into());
        self.errors.push(FieldError {
            field,
            label,
            message,
        });
    }

    /// All errors.
    pub(super) fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Whether no field has an error.
    pub(super) const fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    /// The error of a field.
    pub(super) fn error(&self, name: &str) -> Option<String> {
        let error = self.errors.iter().find(|error| error.field == name)?;
        Some(error.at_field())
    }
}
