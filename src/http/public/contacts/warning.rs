//! Warnings of a successful request: what it did not apply, and what it replaced.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Channel, ContactId, IdentifierKind, Warning};

/// `email_replaced`: the contact was found by phone, and the sent address replaced `previousEmail`.
/// `email_conflict`, `phone_conflict`: the identifier was not saved, because another active contact has it
/// (`conflictingContactId`). `consent_suppressed`: the opt-in was not saved, because the person was erased
/// after an opt-out.
// Not `Warning`, which is a built-in class of Python.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(examples(
    json!(ContactWarning::from(Warning::EmailReplaced { previous_email: "jane.doe@example.com".to_owned() })),
    json!(ContactWarning::from(Warning::ConsentSuppressed(Channel::Email)))
))]
pub(super) struct ContactWarning {
    #[schema(inline)]
    code: WarningCode,
    #[schema(inline)]
    field: WarningField,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = IdnEmail, nullable = false)]
    previous_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    conflicting_contact_id: Option<ContactId>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WarningCode {
    EmailReplaced,
    EmailConflict,
    PhoneConflict,
    ConsentSuppressed,
}

#[derive(Serialize, ToSchema)]
enum WarningField {
    #[serde(rename = "email")]
    Email,
    #[serde(rename = "phone")]
    Phone,
    #[serde(rename = "marketingConsent.email")]
    EmailConsent,
    #[serde(rename = "marketingConsent.whatsapp")]
    WhatsappConsent,
}

impl From<Warning> for ContactWarning {
    fn from(warning: Warning) -> Self {
        let of = |code, field| Self {
            code,
            field,
            previous_email: None,
            conflicting_contact_id: None,
        };
        match warning {
            Warning::EmailReplaced { previous_email } => Self {
                previous_email: Some(previous_email),
                ..of(WarningCode::EmailReplaced, WarningField::Email)
            },
            Warning::IdentifierConflict(conflict) => Self {
                conflicting_contact_id: Some(conflict.conflicting_contact_id),
                ..match conflict.identifier {
                    IdentifierKind::Email => of(WarningCode::EmailConflict, WarningField::Email),
                    IdentifierKind::Phone => of(WarningCode::PhoneConflict, WarningField::Phone),
                }
            },
            Warning::ConsentSuppressed(channel) => {
                let field = match channel {
                    Channel::Email => WarningField::EmailConsent,
                    Channel::Whatsapp => WarningField::WhatsappConsent,
                };
                of(WarningCode::ConsentSuppressed, field)
            }
        }
    }
}

/// The warnings in a response.
pub(super) fn warnings(warnings: Vec<Warning>) -> Vec<ContactWarning> {
    warnings.into_iter().map(ContactWarning::from).collect()
}
