//! Errors of administrative actions.

use crate::auth::VerifierBusy;
use crate::domain::{AdminRefusal, NotRotatable, Quota};
use crate::retry_after::Unavailable;
use crate::store::{AdminChangeError, AdminCreationError, RotationError, StoreError};

/// Why an action failed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// The role does not permit the action. The text names what it needs.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The company of the administrator is suspended.
    #[error("this company is suspended: ask the operator of the service")]
    CompanySuspended,
    /// There is no such company, or it is out of reach.
    #[error("there is no such company")]
    NoSuchCompany,
    /// The company has the maximum number of active keys.
    #[error("the company has {0} live API keys, as many as it may: revoke one that is not used")]
    TooManyKeys(u32),
    /// There is no such key, or it is out of reach.
    #[error("there is no such key")]
    NoSuchKey,
    /// There is no such administrator, or they are out of reach.
    #[error("there is no such administrator")]
    NoSuchAdmin,
    /// Another administrator has this e-mail address.
    #[error("an administrator with this e-mail address exists already")]
    EmailTaken,
    /// A disabled administrator cannot be invited.
    #[error("this administrator is disabled: enable them first")]
    Disabled,
    /// Administrators cannot disable themselves.
    #[error("you cannot disable yourself: ask another administrator")]
    OwnAccount,
    /// The last operator who can sign in cannot be disabled.
    #[error("this is the last operator who can sign in: create or enable another one first")]
    LastOperator,
    /// Only an unaccepted invitation can be withdrawn.
    #[error("this administrator has accepted the invitation: disable them instead")]
    InvitationAccepted,
    /// The e-mail address or the password is wrong, or the account may not sign in. Callers never learn
    /// which.
    #[error("the e-mail address or the password is wrong")]
    SignInRefused,
    /// The access token, refresh token or invitation is invalid, expired or used.
    #[error("the token is unknown, used or expired")]
    TokenRefused,
    /// The current password is wrong.
    #[error("is not your password")]
    WrongPassword,
    /// Too many attempts.
    #[error("too many attempts")]
    TooManyAttempts {
        /// The limit.
        quota: Quota,
        /// How long to wait.
        retry_after: std::time::Duration,
    },
    /// The key is not active, or was rotated before.
    #[error(transparent)]
    NotRotated(NotRotatable),
    /// A key would expire immediately.
    #[error("must be in the future")]
    ExpiresInThePast,
    /// The database is unavailable, or too many passwords are being verified.
    #[error("{0}")]
    Unavailable(Unavailable),
    /// A defect.
    #[error("{0}")]
    Defect(String),
}

impl From<StoreError> for AdministrationError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            StoreError::TooLarge(cause) | StoreError::Defect(cause) => Self::Defect(cause),
            StoreError::ActorDisabled => Self::TokenRefused,
        }
    }
}

impl From<AdminCreationError> for AdministrationError {
    fn from(error: AdminCreationError) -> Self {
        match error {
            AdminCreationError::EmailTaken => Self::EmailTaken,
            AdminCreationError::NoSuchCompany => Self::NoSuchCompany,
            AdminCreationError::Store(error) => error.into(),
        }
    }
}

impl From<AdminChangeError> for AdministrationError {
    fn from(error: AdminChangeError) -> Self {
        match error {
            AdminChangeError::NotFound => Self::NoSuchAdmin,
            AdminChangeError::Refused(AdminRefusal::Disabled) => Self::Disabled,
            AdminChangeError::Refused(AdminRefusal::OtherPassword) => Self::WrongPassword,
            AdminChangeError::Refused(AdminRefusal::LastOperator) => Self::LastOperator,
            AdminChangeError::Refused(AdminRefusal::InvitationAccepted) => Self::InvitationAccepted,
            AdminChangeError::Store(error) => error.into(),
        }
    }
}

impl From<RotationError> for AdministrationError {
    fn from(error: RotationError) -> Self {
        match error {
            RotationError::NotFound => Self::NoSuchKey,
            RotationError::Refused(refusal) => Self::NotRotated(refusal),
            RotationError::Store(error) => error.into(),
        }
    }
}

impl From<VerifierBusy> for AdministrationError {
    fn from(error: VerifierBusy) -> Self {
        Self::Unavailable(Unavailable::retry_soon(error.to_string()))
    }
}
