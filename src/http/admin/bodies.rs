//! From the text of a body to what an action takes, with all that is wrong told at once.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::queries::NO_MOMENT;
use crate::administration::{Attempt, KeyToCreate};
use crate::domain::{
    ApiKeyChange, CompanyChange, CompanyId, Email, GracePeriod, InvitationToken, Label, Password,
    Quota, RefreshToken, Role, RoleName, Scope, Scopes, timestamp,
};
use crate::http::shared::error::ApiError;
use crate::http::shared::field_error::FieldError;
use crate::http::shared::members::{
    Errors, Members, boolean, invalid, object, present, string, unknown, unreadable,
};

/// The members of a body, taken one by one; what is left is unknown.
struct Body<'a> {
    members: Members<'a>,
    errors: Errors,
}

impl<'a> Body<'a> {
    fn read(text: &'a str) -> Result<Self, ApiError> {
        Ok(Self {
            members: object("body", text).map_err(|error| ApiError::Invalid(vec![error]))?,
            errors: Errors::default(),
        })
    }

    fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str, &RawValue) -> Result<T, FieldError>,
    ) -> Option<T> {
        let raw = present(self.members.remove(name)?)?;
        self.errors.keep(read(name, raw))
    }

    /// `null` is a value: it resets what is there.
    fn resettable<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str, &RawValue) -> Result<T, FieldError>,
    ) -> Option<Option<T>> {
        let raw = self.members.remove(name)?;
        match present(raw) {
            None => Some(None),
            Some(raw) => self.errors.keep(read(name, raw)).map(Some),
        }
    }

    fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str, &RawValue) -> Result<T, FieldError>,
    ) -> Option<T> {
        let raw = self.members.remove(name).and_then(present);
        if raw.is_none() {
            self.errors.add(FieldError::new(name, "is required"));
        }
        self.errors.keep(read(name, raw?))
    }

    /// The errors, if there are any; else what was read.
    fn finish<T>(mut self, read: Option<T>) -> Result<T, ApiError> {
        for (name, raw) in self.members {
            self.errors
                .add_with(|| unknown(&name, "is not a field here: remove it", raw));
        }
        self.errors.finish()?;
        read.ok_or_else(|| ApiError::Internal("a body without errors and values".to_owned()))
    }
}

/// What somebody tries to sign in with. What is no e-mail address, or could be no password, is as
/// wrong as what is nobody's.
pub(super) fn sign_in(text: &str) -> Result<Attempt, ApiError> {
    let mut body = Body::read(text)?;
    let email = body.required("email", secret);
    let password = body.required("password", secret);
    let read = email.zip(password).map(|(email, password)| Attempt {
        email: Email::parse(&email).ok(),
        password: Password::parse(&password).ok(),
    });
    body.finish(read)
}

pub(super) fn refresh_token(text: &str) -> Result<RefreshToken, ApiError> {
    let mut body = Body::read(text)?;
    let token = body.required("refreshToken", secret);
    body.finish(token.map(|token| RefreshToken::presented(token.into())))
}

/// The token of an invitation, and the password to set.
pub(super) fn accept_invitation(text: &str) -> Result<(InvitationToken, Password), ApiError> {
    let mut body = Body::read(text)?;
    let token = body.required("token", secret);
    let token = token.map(|token| InvitationToken::presented(token.into()));
    let password = body.required("password", password);
    body.finish(token.zip(password))
}

/// The current password, if it could be one, and the new one.
pub(super) fn change_password(text: &str) -> Result<(Option<Password>, Password), ApiError> {
    let mut body = Body::read(text)?;
    let current = body.required("currentPassword", secret);
    let current = current.map(|text| Password::parse(&text).ok());
    let new = body.required("newPassword", password);
    body.finish(current.zip(new))
}

pub(super) fn new_company(text: &str) -> Result<Label, ApiError> {
    let mut body = Body::read(text)?;
    let name = body.required("name", label);
    body.finish(name)
}

pub(super) fn company_change(text: &str) -> Result<CompanyChange, ApiError> {
    let mut body = Body::read(text)?;
    let change = CompanyChange {
        name: body.optional("name", label),
        phone_only_contacts: body.optional("phoneOnlyContacts", boolean),
        phone_conflict: body.optional("phoneConflict", parsed),
        email_conflict: body.optional("emailConflict", parsed),
        consent_on_address_change: body.optional("consentOnAddressChange", parsed),
        strict_custom_fields: body.optional("strictCustomFields", boolean),
        rate_limit: body.resettable("rateLimit", parsed::<Quota>),
        suspended: body.optional("suspended", boolean),
    };
    body.finish(Some(change))
}

pub(super) fn new_key(text: &str) -> Result<KeyToCreate, ApiError> {
    let mut body = Body::read(text)?;
    let name = body.required("name", label);
    let scopes = body.optional("scopes", scopes);
    let rate_limit = body.optional("rateLimit", parsed::<Quota>);
    let expires_at = body.optional("expiresAt", moment);
    let key = name.map(|name| KeyToCreate {
        name,
        scopes: scopes.unwrap_or_else(Scopes::default_of_a_key),
        rate_limit,
        expires_at,
    });
    body.finish(key)
}

pub(super) fn key_change(text: &str) -> Result<ApiKeyChange, ApiError> {
    let mut body = Body::read(text)?;
    let change = ApiKeyChange::Update {
        name: body.optional("name", label),
        rate_limit: body.resettable("rateLimit", parsed::<Quota>),
        scopes: body.optional("scopes", scopes),
    };
    body.finish(Some(change))
}

/// How long the key that is rotated still works; a day, where nothing is said.
pub(super) fn rotation(text: &str) -> Result<GracePeriod, ApiError> {
    let mut body = Body::read(text)?;
    let grace = body.optional("graceDays", |field, raw| {
        let grace = whole_number(raw).and_then(|days| GracePeriod::of_days(days).ok());
        grace.ok_or_else(|| invalid(field, "must be a whole number from 0 to 7", raw))
    });
    body.finish(Some(grace.unwrap_or_default()))
}

/// The e-mail address of whoever is invited, and the role, which is never guessed.
pub(super) fn invitation(text: &str) -> Result<(Email, Role), ApiError> {
    let mut body = Body::read(text)?;
    let email = body.required("email", |field, raw| {
        Email::parse(&string(field, raw)?).map_err(|error| invalid(field, error, raw))
    });
    let name = body.required("role", parsed::<RoleName>);
    let company = body.optional("companyId", parsed::<CompanyId>);
    let role = match (name, company) {
        (Some(RoleName::Operator), None) => Some(Role::Operator),
        (Some(RoleName::CompanyAdmin), Some(company)) => Some(Role::CompanyAdmin(company)),
        (Some(RoleName::Operator), Some(_)) => {
            let reason = "is for the role company_admin: remove it";
            body.errors.add(FieldError::new("companyId", reason));
            None
        }
        (Some(RoleName::CompanyAdmin), None) if !body.errors.has("companyId") => {
            let reason = "is required for the role company_admin";
            body.errors.add(FieldError::new("companyId", reason));
            None
        }
        _ => None,
    };
    body.finish(email.zip(role))
}

fn parsed<T: FromStr<Err: Display>>(field: &str, raw: &RawValue) -> Result<T, FieldError> {
    let text = string(field, raw)?;
    text.parse()
        .map_err(|error| unreadable(field, error, &text, raw))
}

fn label(field: &str, raw: &RawValue) -> Result<Label, FieldError> {
    string(field, raw)?
        .parse()
        .map_err(|error| invalid(field, error, raw))
}

/// A text that no error repeats.
fn secret(field: &str, raw: &RawValue) -> Result<String, FieldError> {
    string(field, raw)
        .map(Cow::into_owned)
        .map_err(|error| FieldError {
            value: None,
            ..error
        })
}

fn password(field: &str, raw: &RawValue) -> Result<Password, FieldError> {
    Password::parse(&secret(field, raw)?)
        .map_err(|error| FieldError::new(field, &error.to_string()))
}

fn moment(field: &str, raw: &RawValue) -> Result<OffsetDateTime, FieldError> {
    let text = string(field, raw)?;
    timestamp::parse(&text).ok_or_else(|| unreadable(field, NO_MOMENT, &text, raw))
}

/// A small whole number, in any form of JSON: 1.0 is one, too.
fn whole_number(raw: &RawValue) -> Option<u8> {
    let sent: f64 = raw.get().parse().ok()?;
    // Minus zero becomes zero.
    let is_sent = |number: &u8| f64::from(*number).total_cmp(&(sent + 0.0)).is_eq();
    (0..=u8::MAX).find(is_sent)
}

fn scopes(field: &str, raw: &RawValue) -> Result<Scopes, FieldError> {
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
