//! Reads the fields of a contact.

use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, Object, ObjectBuilder, SchemaType, Type};

use crate::domain::{
    ConsentChange, CustomFieldRules, CustomFields, Email, Identifiers, MAX_CUSTOM_FIELDS,
    MAX_KEY_CHARACTERS, Phone,
};
use crate::http::shared::{
    ApiError, FieldCode, FieldError, Reader, boolean, echo, invalid, object, present, string,
    unknown,
};

/// The reason that an unknown member is refused.
pub(super) const UNKNOWN_FIELD: &str =
    "is not a field of a contact: remove it, or put it into customFields";

/// A change of the marketing consent. `true`: opts in; `false`: opts out; absent or `null`: stays unchanged.
#[derive(Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsentUpdate {
    /// The consent to e-mail.
    email: Option<bool>,
    /// The consent to `WhatsApp`.
    whatsapp: Option<bool>,
}

impl From<ConsentUpdate> for ConsentChange {
    fn from(ConsentUpdate { email, whatsapp }: ConsentUpdate) -> Self {
        Self { email, whatsapp }
    }
}

/// Reads `email`; `Some(None)` is `null`. Adds an error if it is not valid.
pub(in crate::http::public) fn read_email(reader: &mut Reader<'_>) -> Option<Option<Email>> {
    reader.resettable("email", |name, raw| {
        let text = string(name, raw)?;
        Email::parse(&text).map_err(|error| invalid(name, error, raw))
    })
}

/// Reads `phone`, as [`read_email`] does.
pub(in crate::http::public) fn read_phone(reader: &mut Reader<'_>) -> Option<Option<Phone>> {
    reader.resettable("phone", |name, raw| {
        let text = string(name, raw)?;
        Phone::parse(&text).map_err(|error| FieldError {
            code: FieldCode::InvalidPhoneNumber,
            ..invalid(name, error, raw)
        })
    })
}

/// Reads `customFields`, and checks them against the definitions of their company.
pub(super) fn read_custom_fields(
    reader: &mut Reader<'_>,
    rules: &CustomFieldRules,
) -> Option<CustomFields> {
    let fields = reader.optional("customFields", |name, raw| {
        CustomFields::parse(raw.get()).map_err(|error| invalid(name, error, raw))
    })?;
    for violation in rules.violations(&fields) {
        reader.errors.add_with(|| {
            let field = format!("customFields.{}", violation.key);
            invalid(&field, &violation.rule, violation.value)
        });
    }
    Some(fields)
}

/// Reads `marketingConsent`.
pub(super) fn read_consent(reader: &mut Reader<'_>) -> ConsentUpdate {
    const NAME: &str = "marketingConsent";
    let channels = reader.optional(NAME, |name, raw| {
        object(name, raw.get()).map_err(|error| FieldError {
            value: echo(raw),
            ..error
        })
    });
    let Some(mut channels) = channels else {
        return ConsentUpdate::default();
    };
    let errors = &mut reader.errors;
    let mut channel = |name: &str| {
        let raw: &RawValue = channels.remove(name).and_then(present)?;
        errors.keep(boolean(&format!("{NAME}.{name}"), raw))
    };
    let email = channel("email");
    let whatsapp = channel("whatsapp");
    for (name, raw) in channels {
        errors.add_with(|| {
            let field = format!("{NAME}.{name}");
            unknown(&field, "is not a channel: use email or whatsapp", raw)
        });
    }
    ConsentUpdate { email, whatsapp }
}

/// The identifiers of a contact. The caller has checked that there is at least one.
pub(in crate::http::public) fn identifiers(
    email: Option<Email>,
    phone: Option<Phone>,
) -> Result<Identifiers, ApiError> {
    match (email, phone) {
        (Some(email), Some(phone)) => Ok(Identifiers::Both(email, phone)),
        (Some(email), None) => Ok(Identifiers::Email(email)),
        (None, Some(phone)) => Ok(Identifiers::Phone(phone)),
        (None, None) => Err(ApiError::Internal("a call without identifier".to_owned())),
    }
}

/// The schema of a merge patch for custom fields.
pub(super) fn custom_fields() -> Object {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(MAX_KEY_CHARACTERS));
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .description(Some(
            "A merge patch (RFC 7396): absent keys stay unchanged, `null` removes a key, objects are merged. \
             At most 8 levels, and 64 KiB of JSON text after merging. Strings must not contain U+0000.",
        ))
        .max_properties(Some(MAX_CUSTOM_FIELDS))
        .property_names(Some(key))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .build()
}
