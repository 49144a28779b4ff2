//! From the text of a body to a [`ContactPatch`] or [`ContactChange`], with all that is wrong told
//! at once.

use serde_json::value::RawValue;

use super::read_only::ReadOnly;
use crate::domain::{
    Change, CompanySettings, ConsentChange, ContactChange, ContactPatch, CustomFieldRules,
    CustomFields, Email, FieldViolation, Identifiers, Phone,
};
use crate::http::shared::error::ApiError;
use crate::http::shared::field_error::{FieldCode, FieldError};
use crate::http::shared::members::{
    Errors, Members, boolean, echo, invalid, object, present, string, unknown,
};

/// Reads an upsert. An optional field that is `null` counts as not sent.
///
/// # Errors
/// Every bad field, in the order in which the documentation lists them, then the unknown ones.
pub(in crate::http) fn parse_patch(
    text: &str,
    settings: CompanySettings,
    rules: &CustomFieldRules,
) -> Result<ContactPatch, ApiError> {
    let members = object("body", text).map_err(|error| ApiError::Invalid(vec![error]))?;
    let (body, mut errors) = Body::read(members, rules);
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
    let Body {
        email,
        phone,
        custom_fields,
        consent,
    } = body;
    let missing = || ApiError::Internal("an upsert without identifier".to_owned());
    Ok(ContactPatch {
        identifiers: identifiers(email, phone).ok_or_else(missing)?,
        custom_fields,
        consent,
    })
}

/// Reads what names a contact, and nothing else: `email`, `phone` or both.
///
/// # Errors
/// As [`parse_patch`].
pub(in crate::http) fn parse_identifiers(text: &str) -> Result<Identifiers, ApiError> {
    let mut members = object("body", text).map_err(|error| ApiError::Invalid(vec![error]))?;
    let mut errors = Errors::default();
    let (email, phone) = read_identifiers(&mut members, &mut errors);
    for (name, raw) in members {
        errors.add_with(|| unknown(&name, "is no identifier: use email or phone", raw));
    }
    errors.finish()?;
    identifiers(email, phone).ok_or_else(|| {
        ApiError::Invalid(vec![FieldError::new(
            "email",
            "is required where no phone is sent",
        )])
    })
}

fn identifiers(email: Sent<Email>, phone: Sent<Phone>) -> Option<Identifiers> {
    match (email, phone) {
        (Sent::Value(email), Sent::Value(phone)) => Some(Identifiers::Both(email, phone)),
        (Sent::Value(email), _) => Some(Identifiers::Email(email)),
        (_, Sent::Value(phone)) => Some(Identifiers::Phone(phone)),
        _ => None,
    }
}

/// Reads a change by id, and the members that it must not change. An identifier that is `null` is
/// cleared.
///
/// # Errors
/// As [`parse_patch`].
pub(in crate::http) fn parse_change<'a>(
    text: &'a str,
    rules: &CustomFieldRules,
) -> Result<(ContactChange, ReadOnly<'a>), ApiError> {
    let mut members = object("body", text).map_err(|error| ApiError::Invalid(vec![error]))?;
    let read_only = ReadOnly::take(&mut members);
    let (body, errors) = Body::read(members, rules);
    errors.finish()?;
    let Body {
        email,
        phone,
        custom_fields,
        consent,
    } = body;
    let change = ContactChange {
        email: email.into(),
        phone: phone.into(),
        custom_fields,
        consent,
    };
    Ok((change, read_only))
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
    fn read(mut members: Members<'_>, rules: &CustomFieldRules) -> (Self, Errors) {
        let mut errors = Errors::default();
        let (email, phone) = read_identifiers(&mut members, &mut errors);
        let custom_fields = members
            .remove("customFields")
            .and_then(present)
            .and_then(|raw| {
                let parsed = CustomFields::parse(raw.get());
                errors.keep(parsed.map_err(|error| invalid("customFields", error, raw)))
            });
        for violation in custom_fields
            .iter()
            .flat_map(|fields| rules.violations(fields))
        {
            errors.add_with(|| custom_field_error(&violation));
        }
        let consent = members
            .remove("marketingConsent")
            .and_then(present)
            .map_or_else(ConsentChange::default, |raw| {
                consent_change(raw, &mut errors)
            });
        for (name, raw) in members {
            let reason = "is not a field of a contact: remove it, or put it into customFields";
            errors.add_with(|| unknown(&name, reason, raw));
        }
        let body = Self {
            email,
            phone,
            custom_fields,
            consent,
        };
        (body, errors)
    }
}

fn read_identifiers(members: &mut Members<'_>, errors: &mut Errors) -> (Sent<Email>, Sent<Phone>) {
    let email = identifier(members.remove("email"), errors, |raw| {
        let text = string("email", raw)?;
        Email::parse(&text).map_err(|error| invalid("email", error, raw))
    });
    let phone = identifier(members.remove("phone"), errors, |raw| {
        let text = string("phone", raw)?;
        Phone::parse(&text).map_err(|error| FieldError {
            code: FieldCode::InvalidPhoneNumber,
            ..invalid("phone", error, raw)
        })
    });
    (email, phone)
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

fn custom_field_error(violation: &FieldViolation<'_>) -> FieldError {
    let field = format!("customFields.{}", violation.key);
    invalid(&field, &violation.rule, violation.value)
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
        errors.add_with(|| {
            let field = format!("marketingConsent.{name}");
            unknown(&field, "is not a channel: use email or whatsapp", raw)
        });
    }
    ConsentChange { email, whatsapp }
}
