//! The audit log.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::Value;
use time::OffsetDateTime;

use super::{AdminId, ClientId, CompanyId, FieldKey, timestamp};

/// An action that the audit log records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "`as_str` says what each is called")]
pub enum AuditAction {
    CompanyCreate,
    CompanyUpdate,
    KeyCreate,
    KeyUpdate,
    KeyRotate,
    KeyRevoke,
    AdminCreate,
    AdminInvite,
    AdminAcceptInvitation,
    AdminDisable,
    AdminEnable,
    AdminSetPassword,
    AdminWrongPassword,
    AdminSignIn,
    AdminSignInFailed,
    AdminSignInLimited,
    AdminRefreshTokenReused,
    AdminSignOut,
    AdminBindIdentity,
    AdminForgetIdentity,
    AdminDelete,
    /// Written by the SQL functions that erase contacts.
    ContactErase,
    SuppressionLift,
    CustomFieldCreate,
    CustomFieldUpdate,
    CustomFieldDelete,
    /// Written by the SQL function that deletes old events.
    AuditExpire,
}

impl AuditAction {
    /// All actions, in the order in which the console lists them.
    pub const ALL: [Self; 27] = [
        Self::CompanyCreate,
        Self::CompanyUpdate,
        Self::KeyCreate,
        Self::KeyUpdate,
        Self::KeyRotate,
        Self::KeyRevoke,
        Self::AdminCreate,
        Self::AdminInvite,
        Self::AdminAcceptInvitation,
        Self::AdminDisable,
        Self::AdminEnable,
        Self::AdminSetPassword,
        Self::AdminWrongPassword,
        Self::AdminSignIn,
        Self::AdminSignInFailed,
        Self::AdminSignInLimited,
        Self::AdminRefreshTokenReused,
        Self::AdminSignOut,
        Self::AdminBindIdentity,
        Self::AdminForgetIdentity,
        Self::AdminDelete,
        Self::ContactErase,
        Self::SuppressionLift,
        Self::CustomFieldCreate,
        Self::CustomFieldUpdate,
        Self::CustomFieldDelete,
        Self::AuditExpire,
    ];

    /// The name that the database and callers use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CompanyCreate => "company.create",
            Self::CompanyUpdate => "company.update",
            Self::KeyCreate => "key.create",
            Self::KeyUpdate => "key.update",
            Self::KeyRotate => "key.rotate",
            Self::KeyRevoke => "key.revoke",
            Self::AdminCreate => "admin.create",
            Self::AdminInvite => "admin.invite",
            Self::AdminAcceptInvitation => "admin.accept_invitation",
            Self::AdminDisable => "admin.disable",
            Self::AdminEnable => "admin.enable",
            Self::AdminSetPassword => "admin.set_password",
            Self::AdminWrongPassword => "admin.wrong_password",
            Self::AdminSignIn => "admin.sign_in",
            Self::AdminSignInFailed => "admin.sign_in_failed",
            Self::AdminSignInLimited => "admin.sign_in_limited",
            Self::AdminRefreshTokenReused => "admin.refresh_token_reused",
            Self::AdminSignOut => "admin.sign_out",
            Self::AdminBindIdentity => "admin.bind_identity",
            Self::AdminForgetIdentity => "admin.forget_identity",
            Self::AdminDelete => "admin.delete",
            Self::ContactErase => "contact.erase",
            Self::SuppressionLift => "suppression.lift",
            Self::CustomFieldCreate => "custom_field.create",
            Self::CustomFieldUpdate => "custom_field.update",
            Self::CustomFieldDelete => "custom_field.delete",
            Self::AuditExpire => "audit.expire",
        }
    }
}

/// A text that names no action of this release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no action that is recorded")]
pub struct UnknownAction;

impl FromStr for AuditAction {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, UnknownAction> {
        let mut all = Self::ALL.into_iter();
        all.find(|action| action.as_str() == text)
            .ok_or(UnknownAction)
    }
}

impl fmt::Display for AuditAction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// An action as it was recorded: a newer release may record some that this one does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordedAction {
    /// One of this release.
    Known(AuditAction),
    /// Another one.
    Unknown(String),
}

impl RecordedAction {
    /// The name that the database and callers use.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(action) => action.as_str(),
            Self::Unknown(name) => name,
        }
    }
}

impl From<String> for RecordedAction {
    fn from(name: String) -> Self {
        name.parse().map_or(Self::Unknown(name), Self::Known)
    }
}

impl fmt::Display for RecordedAction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for RecordedAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The object of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as what it holds")]
pub enum AuditSubject<'a> {
    Company(CompanyId),
    Key(&'a ClientId),
    Admin(AdminId),
    /// A sign-in with an e-mail address that no administrator has.
    UnknownAdmin,
    CustomField(&'a FieldKey),
}

/// The text that the database keeps, such as `admin:1`.
impl fmt::Display for AuditSubject<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Company(id) => write!(formatter, "company:{id}"),
            Self::Key(client) => write!(formatter, "key:{client}"),
            Self::Admin(id) => write!(formatter, "admin:{id}"),
            Self::UnknownAdmin => formatter.write_str("admin:unknown"),
            Self::CustomField(key) => write!(formatter, "custom_field:{}", key.as_str()),
        }
    }
}

/// An event of the audit log.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedEvent {
    /// Its position in the log.
    #[serde(skip)]
    pub id: i64,
    /// When it happened.
    #[serde(serialize_with = "timestamp::serialize")]
    pub occurred_at: OffsetDateTime,
    /// Who did it: `admin:<id>`, `cli:<user>@<host>`, `key:<client id>`, `anonymous` or `service`.
    pub actor: String,
    /// What was done.
    pub action: RecordedAction,
    /// The company it concerns; none: the whole service.
    pub company_id: Option<CompanyId>,
    /// Its object: `company:<id>`, `key:<client id>`, `admin:<id>`, `contact:<id>`,
    /// `custom_field:<key>` or `audit`, the log itself.
    pub subject: String,
    /// The values before.
    pub before: Option<Value>,
    /// The values after.
    pub after: Option<Value>,
    /// Where the request came from.
    pub client_address: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
}

/// Which events a list shows; `None` does not filter.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Events of this actor.
    pub actor: Option<String>,
    /// Events of this action.
    pub action: Option<RecordedAction>,
    /// Events on this object.
    pub subject: Option<String>,
    /// Events at this time and later.
    pub from: Option<OffsetDateTime>,
    /// Events before this time.
    pub to: Option<OffsetDateTime>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_read_as_it_is_written() {
        for action in AuditAction::ALL {
            assert_eq!(action.as_str().parse(), Ok(action));
            let recorded = RecordedAction::from(action.as_str().to_owned());
            assert_eq!(recorded, RecordedAction::Known(action));
        }
    }

    #[test]
    fn an_action_of_a_newer_release_keeps_its_name() {
        let recorded = RecordedAction::from("key.polish".to_owned());
        assert_eq!(recorded, RecordedAction::Unknown("key.polish".to_owned()));
        assert_eq!(recorded.as_str(), "key.polish");
    }
}
