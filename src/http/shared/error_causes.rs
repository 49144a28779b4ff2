//! Converts the errors of other modules into API errors.

use super::error::ApiError;
use super::field_error::FieldError;
use crate::administration::AdministrationError;
use crate::auth::AuthError;
use crate::domain::{CustomFieldsError, IdentifierKind, InvalidSpecification, MAX_DEFINITIONS};
use crate::limits::{Decision, LimiterUnavailable};
use crate::retry_after::{Unavailable, Wait};
use crate::store::{ContactError, CustomFieldError, StoreError};

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Rejected => Self::Unauthorized,
            AuthError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<&Decision> for ApiError {
    fn from(decision: &Decision) -> Self {
        Self::RateLimited {
            quota: decision.quota,
            retry_after: Wait::Limit(decision.retry_after).into(),
        }
    }
}

impl From<InvalidSpecification> for ApiError {
    fn from(error: InvalidSpecification) -> Self {
        Self::Invalid(vec![FieldError::new(error.field(), &error.to_string())])
    }
}

impl From<LimiterUnavailable> for ApiError {
    fn from(error: LimiterUnavailable) -> Self {
        Unavailable::new(error.to_string(), Wait::Outage(error.outage)).into()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(unavailable) => unavailable.into(),
            StoreError::TooLarge(cause) | StoreError::Defect(cause) => Self::Internal(cause),
            StoreError::ActorDisabled => Self::NotSignedIn,
        }
    }
}

impl From<ContactError> for ApiError {
    fn from(error: ContactError) -> Self {
        let custom_fields = |error: CustomFieldsError| {
            Self::Invalid(vec![FieldError::new("customFields", &error.to_string())])
        };
        match error {
            ContactError::NotFound => Self::NoSuchContact,
            ContactError::PreconditionFailed => Self::PreconditionFailed,
            ContactError::IdentifierTaken {
                identifier,
                contact_id,
                conflicting_contact_id,
            } => Self::IdentifierTaken {
                identifier,
                contact_id,
                conflicting_contact_id,
            },
            ContactError::EmailDiffers { contact_id } => Self::EmailDiffers { contact_id },
            ContactError::IdentifierRequired(identifier) => {
                let reason = match identifier {
                    IdentifierKind::Email => "cannot be removed: send another one",
                    IdentifierKind::Phone => "cannot be removed: the contact has no e-mail address",
                };
                Self::Invalid(vec![FieldError::new(identifier.as_str(), reason)])
            }
            ContactError::CustomFieldsTooLarge => custom_fields(CustomFieldsError::TooLarge),
            ContactError::TooManyCustomFields => custom_fields(CustomFieldsError::TooManyKeys),
            ContactError::Store(error) => error.into(),
        }
    }
}

impl From<AdministrationError> for ApiError {
    fn from(error: AdministrationError) -> Self {
        let invalid = |field| Self::Invalid(vec![FieldError::new(field, &error.to_string())]);
        match error {
            AdministrationError::Forbidden(needs) => Self::Denied(needs),
            AdministrationError::OwnAccount => {
                Self::Denied("you cannot disable yourself: ask another administrator")
            }
            AdministrationError::Disabled => {
                Self::Denied("this administrator is disabled: enable them first")
            }
            AdministrationError::LastOperator | AdministrationError::InvitationAccepted => {
                Self::AdminNotRemoved(error.to_string())
            }
            AdministrationError::CompanySuspended => Self::CompanySuspended,
            AdministrationError::NoSuchCompany => Self::NoSuch("company"),
            AdministrationError::TooManyKeys(_) => Self::LimitReached(error.to_string()),
            AdministrationError::NoSuchKey => Self::NoSuch("key"),
            AdministrationError::NoSuchAdmin => Self::NoSuch("administrator"),
            AdministrationError::EmailTaken => Self::AdminEmailTaken,
            AdministrationError::SignInRefused => Self::SignInRefused,
            AdministrationError::TokenRefused => Self::NotSignedIn,
            AdministrationError::WrongPassword => invalid("currentPassword"),
            AdministrationError::ExpiresInThePast => invalid("expiresAt"),
            AdministrationError::NotRotated(why) => Self::KeyNotRotated(why.to_string()),
            AdministrationError::TooManyAttempts { quota, retry_after } => Self::RateLimited {
                quota,
                retry_after: Wait::Limit(retry_after).into(),
            },
            AdministrationError::Unavailable(unavailable) => unavailable.into(),
            AdministrationError::Defect(cause) => Self::Internal(cause),
        }
    }
}

impl From<CustomFieldError> for ApiError {
    fn from(error: CustomFieldError) -> Self {
        match error {
            CustomFieldError::NotFound => Self::NoSuchCustomField,
            CustomFieldError::KeyTaken => Self::CustomFieldDefined,
            CustomFieldError::TooMany => {
                let reason = format!(
                    "must not be one more: a company defines at most {MAX_DEFINITIONS} custom fields"
                );
                Self::Invalid(vec![FieldError::new("key", &reason)])
            }
            CustomFieldError::Invalid(error) => error.into(),
            CustomFieldError::Store(error) => error.into(),
        }
    }
}
