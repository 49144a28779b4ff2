//! From the text of a body to a [`ContactPatch`], with all that is wrong told at once.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde_json::Value;
use serde_json::value::RawValue;

use super::error::{ApiError, FieldCode, FieldError};
use crate::domain::{
    CompanySettings, ConsentChange, ContactPatch, CustomFields, Email, Identifiers, Phone,
};

/// Scalars up to this many bytes of JSON are repeated in an error.
const MAX_ECHOED_BYTES: usize = 256;

/// The members of a JSON object, as they were sent. Of a duplicate name the last counts.
type Members<'a> = BTreeMap<String, &'a RawValue>;

/// Reads an upsert.
///
/// # Errors
/// Every bad field, in the order in which the documentation lists them, then the unknown ones.
pub(super) fn parse(text: &str, settings: CompanySettings) -> Result<ContactPatch, ApiError> {
    let mut members = object("body", text).map_err(|error| ApiError::Invalid(vec![error]))?;
    let mut errors = Errors::default();

    let email = members.remove("email").and_then(present);
    let phone = members.remove("phone").and_then(present);
    let custom_fields = members.remove("customFields").and_then(present);
    let consent = members.remove("marketingConsent").and_then(present);

    if email.is_none() && !settings.phone_only_contacts {
        errors.add(FieldError::new("email", "is required"));
    } else if email.is_none() && phone.is_none() {
        errors.add(FieldError::new(
            "email",
            "is required where no phone is sent",
        ));
    }
    let email = email.and_then(|raw| {
        let text = errors.keep(string("email", raw))?;
        errors.keep(Email::parse(&text).map_err(|error| invalid("email", error, raw)))
    });
    let phone = phone.and_then(|raw| {
        let text = errors.keep(string("phone", raw))?;
        errors.keep(Phone::parse(&text).map_err(|error| FieldError {
            code: FieldCode::InvalidPhoneNumber,
            ..invalid("phone", error, raw)
        }))
    });
    let custom_fields = custom_fields.and_then(|raw| {
        errors.keep(
            CustomFields::parse(raw.get()).map_err(|error| invalid("customFields", error, raw)),
        )
    });
    let consent = consent.map_or_else(ConsentChange::default, |raw| {
        consent_change(raw, &mut errors)
    });
    for (name, raw) in members {
        errors.add(invalid(
            &name,
            "is not a field of a contact: remove it, or put it into customFields",
            raw,
        ));
    }

    errors.finish()?;
    let identifiers = match (email, phone) {
        (Some(email), Some(phone)) => Identifiers::Both(email, phone),
        (Some(email), None) => Identifiers::Email(email),
        (None, Some(phone)) => Identifiers::Phone(phone),
        (None, None) => {
            return Err(ApiError::Internal(
                "an upsert without identifier".to_owned(),
            ));
        }
    };
    Ok(ContactPatch {
        identifiers,
        custom_fields,
        consent,
    })
}

fn consent_change(raw: &RawValue, errors: &mut Errors) -> ConsentChange {
    let Some(mut channels) = errors.keep(object("marketingConsent", raw.get())) else {
        return ConsentChange::default();
    };
    let mut channel = |name: &str, errors: &mut Errors| {
        let raw = channels.remove(name).and_then(present)?;
        errors.keep(boolean(&format!("marketingConsent.{name}"), raw))
    };
    let email = channel("email", errors);
    let whatsapp = channel("whatsapp", errors);
    for (name, raw) in channels {
        let field = format!("marketingConsent.{name}");
        errors.add(invalid(
            &field,
            "is not a channel: use email or whatsapp",
            raw,
        ));
    }
    ConsentChange { email, whatsapp }
}

/// Bad fields, gathered.
#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn add(&mut self, error: FieldError) {
        self.0.push(error);
    }

    fn keep<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    fn finish(self) -> Result<(), ApiError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ApiError::Invalid(self.0))
        }
    }
}

/// A member that is `null` counts as not sent.
fn present(raw: &RawValue) -> Option<&RawValue> {
    (raw.get() != "null").then_some(raw)
}

fn object<'a>(field: &str, json: &'a str) -> Result<Members<'a>, FieldError> {
    if !json.trim_start().starts_with('{') {
        return Err(FieldError::new(field, "must be a JSON object"));
    }
    // The text is well-formed: what still can be wrong is an escape in a name.
    serde_json::from_str(json)
        .map_err(|_| FieldError::new(field, "must not have a name with half of a surrogate pair"))
}

fn string(field: &str, raw: &RawValue) -> Result<String, FieldError> {
    if !raw.get().starts_with('"') {
        return Err(invalid(field, "must be a string", raw));
    }
    serde_json::from_str(raw.get())
        .map_err(|_| FieldError::new(field, "must not hold half of a surrogate pair"))
}

fn boolean(field: &str, raw: &RawValue) -> Result<bool, FieldError> {
    match raw.get() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(invalid(field, "must be true or false", raw)),
    }
}

/// An error that repeats a small scalar.
fn invalid(field: &str, reason: impl Display, raw: &RawValue) -> FieldError {
    let json = raw.get();
    let is_echoed = json.len() <= MAX_ECHOED_BYTES && !json.starts_with(['{', '[']);
    let value = is_echoed
        .then(|| serde_json::from_str::<Value>(json).ok())
        .flatten();
    FieldError {
        value,
        ..FieldError::new(field, &reason.to_string())
    }
}
