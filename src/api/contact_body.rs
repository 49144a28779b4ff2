//! From the text of a body to a [`ContactPatch`] or [`ContactChange`], with all that is wrong told
//! at once.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde_json::Value;
use serde_json::value::RawValue;

use super::error::ApiError;
use super::field_error::{FieldCode, FieldError};
use crate::domain::{
    Change, CompanySettings, ConsentChange, ContactChange, ContactPatch, CustomFields, Email,
    Identifiers, Phone,
};

/// Scalars up to this many bytes of JSON are repeated in an error.
const MAX_ECHOED_BYTES: usize = 256;

/// The most contacts of a batch.
const MAX_BATCH: usize = 1000;

/// The members of a JSON object, as they were sent. Of a duplicate name the last counts.
type Members<'a> = BTreeMap<String, &'a RawValue>;

/// Reads an upsert. An optional field that is `null` counts as not sent.
///
/// # Errors
/// Every bad field, in the order in which the documentation lists them, then the unknown ones.
pub(super) fn parse_patch(text: &str, settings: CompanySettings) -> Result<ContactPatch, ApiError> {
    let (body, mut errors) = Body::read(text)?;
    let is_email_missing = matches!(body.email, Sent::Absent | Sent::Null);
    let is_phone_missing = matches!(body.phone, Sent::Absent | Sent::Null);
    if is_email_missing && !settings.phone_only_contacts {
        errors.add_first(FieldError::new("email", "is required"));
    } else if is_email_missing && is_phone_missing {
        errors.add_first(FieldError::new(
            "email",
            "is required where no phone is sent",
        ));
    }
    errors.finish()?;
    let identifiers = match (body.email, body.phone) {
        (Sent::Value(email), Sent::Value(phone)) => Identifiers::Both(email, phone),
        (Sent::Value(email), _) => Identifiers::Email(email),
        (_, Sent::Value(phone)) => Identifiers::Phone(phone),
        _ => {
            return Err(ApiError::Internal(
                "an upsert without identifier".to_owned(),
            ));
        }
    };
    let Body {
        custom_fields,
        consent,
        ..
    } = body;
    Ok(ContactPatch {
        identifiers,
        custom_fields,
        consent,
    })
}

/// Reads a batch: `{"contacts": [1 to 1000 upserts]}`. Each is judged by itself.
///
/// # Errors
/// If the batch as a whole is of another form.
pub(super) fn parse_batch(
    text: &str,
    settings: CompanySettings,
) -> Result<Vec<Result<ContactPatch, ApiError>>, ApiError> {
    let refuse = |error| ApiError::Invalid(vec![error]);
    let mut members = object("body", text).map_err(refuse)?;
    let contacts = members.remove("contacts").and_then(present);
    if let Some((name, raw)) = members.into_iter().next() {
        return Err(refuse(invalid(
            &name,
            "is not a field of a batch: use contacts",
            raw,
        )));
    }
    let raw = contacts.ok_or_else(|| refuse(FieldError::new("contacts", "is required")))?;
    let items = serde_json::from_str::<Vec<&RawValue>>(raw.get())
        .map_err(|_| refuse(invalid("contacts", "must be an array", raw)))?;
    if !(1..=MAX_BATCH).contains(&items.len()) {
        let reason = format!("must hold 1 to {MAX_BATCH} contacts, not {}", items.len());
        return Err(refuse(FieldError::new("contacts", &reason)));
    }
    Ok(items
        .into_iter()
        .map(|item| parse_patch(item.get(), settings))
        .collect())
}

/// Reads a change by id. An identifier that is `null` is cleared.
///
/// # Errors
/// As [`parse_patch`].
pub(super) fn parse_change(text: &str) -> Result<ContactChange, ApiError> {
    let (body, errors) = Body::read(text)?;
    errors.finish()?;
    let Body {
        email,
        phone,
        custom_fields,
        consent,
    } = body;
    Ok(ContactChange {
        email: email.into(),
        phone: phone.into(),
        custom_fields,
        consent,
    })
}

/// What the two bodies have in common. What is bad stands among the errors, and here as
/// [`Sent::Bad`].
struct Body {
    email: Sent<Email>,
    phone: Sent<Phone>,
    custom_fields: Option<CustomFields>,
    consent: ConsentChange,
}

/// A field that may be absent, or `null`, and which of the two may matter.
enum Sent<T> {
    Absent,
    Null,
    Bad,
    Value(T),
}

impl<T> From<Sent<T>> for Change<T> {
    fn from(sent: Sent<T>) -> Self {
        match sent {
            Sent::Absent | Sent::Bad => Self::Keep,
            Sent::Null => Self::Clear,
            Sent::Value(value) => Self::Set(value),
        }
    }
}

impl Body {
    fn read(text: &str) -> Result<(Self, Errors), ApiError> {
        let mut members = object("body", text).map_err(|error| ApiError::Invalid(vec![error]))?;
        let mut errors = Errors::default();
        let email = identifier(members.remove("email"), &mut errors, |raw| {
            let text = string("email", raw)?;
            Email::parse(&text).map_err(|error| invalid("email", error, raw))
        });
        let phone = identifier(members.remove("phone"), &mut errors, |raw| {
            let text = string("phone", raw)?;
            Phone::parse(&text).map_err(|error| FieldError {
                code: FieldCode::InvalidPhoneNumber,
                ..invalid("phone", error, raw)
            })
        });
        let custom_fields = members
            .remove("customFields")
            .and_then(present)
            .and_then(|raw| {
                let parsed = CustomFields::parse(raw.get());
                errors.keep(parsed.map_err(|error| invalid("customFields", error, raw)))
            });
        let consent = members
            .remove("marketingConsent")
            .and_then(present)
            .map_or_else(ConsentChange::default, |raw| {
                consent_change(raw, &mut errors)
            });
        for (name, raw) in members {
            let reason = "is not a field of a contact: remove it, or put it into customFields";
            errors.add(invalid(&name, reason, raw));
        }
        Ok((
            Self {
                email,
                phone,
                custom_fields,
                consent,
            },
            errors,
        ))
    }
}

fn identifier<T>(
    raw: Option<&RawValue>,
    errors: &mut Errors,
    parse: impl FnOnce(&RawValue) -> Result<T, FieldError>,
) -> Sent<T> {
    let Some(raw) = raw else { return Sent::Absent };
    let Some(raw) = present(raw) else {
        return Sent::Null;
    };
    errors.keep(parse(raw)).map_or(Sent::Bad, Sent::Value)
}

fn consent_change(raw: &RawValue, errors: &mut Errors) -> ConsentChange {
    let channels = object("marketingConsent", raw.get()).map_err(|error| FieldError {
        value: echo(raw),
        ..error
    });
    let Some(mut channels) = errors.keep(channels) else {
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

    fn add_first(&mut self, error: FieldError) {
        self.0.insert(0, error);
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
    FieldError {
        value: echo(raw),
        ..FieldError::new(field, &reason.to_string())
    }
}

/// A small scalar, unless it is itself what some readers of JSON refuse.
fn echo(raw: &RawValue) -> Option<Box<RawValue>> {
    let json = raw.get();
    let is_echoed = json.len() <= MAX_ECHOED_BYTES
        && !json.starts_with(['{', '['])
        && serde_json::from_str::<Value>(json).is_ok();
    is_echoed.then(|| raw.to_owned())
}
