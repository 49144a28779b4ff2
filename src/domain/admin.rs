//! Administrators: who they are.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use time::OffsetDateTime;

use super::id::define_id;
use super::{CompanyId, timestamp};

define_id!(
    /// The id of an administrator.
    AdminId
);

define_id!(
    /// The id of a session of an administrator.
    SessionId
);

/// An administrator as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Admin {
    /// The id.
    pub admin_id: AdminId,
    /// What they sign in with.
    pub email: String,
    /// What they may reach.
    pub role: Role,
    /// The one company; none: all of them.
    pub company_id: Option<CompanyId>,
    /// Whether they can sign in.
    pub state: AdminState,
    /// When they were created.
    #[serde(serialize_with = "timestamp::serialize")]
    pub created_at: OffsetDateTime,
    /// Until when an open invitation may be accepted.
    #[serde(serialize_with = "timestamp::serialize_optional")]
    pub invitation_expires_at: Option<OffsetDateTime>,
}

/// Whether an administrator can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AdminState {
    /// With a password.
    Active,
    /// Not with a password: none is set yet.
    Invited,
    /// Not at all.
    Disabled,
}

impl AdminState {
    /// The state of an administrator who is disabled or not, with a password or without.
    #[must_use]
    pub const fn of(is_disabled: bool, has_password: bool) -> Self {
        match (is_disabled, has_password) {
            (true, _) => Self::Disabled,
            (false, true) => Self::Active,
            (false, false) => Self::Invited,
        }
    }

    /// The name that callers see.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Disabled => "disabled",
        }
    }
}

impl fmt::Display for AdminState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What an administrator may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// All companies.
    Operator,
    /// One company alone.
    CompanyAdmin(CompanyId),
}

impl Role {
    /// The role of an administrator with this company, or with none.
    #[must_use]
    pub fn of(company: Option<CompanyId>) -> Self {
        company.map_or(Self::Operator, Self::CompanyAdmin)
    }

    /// The one company, if it is only one.
    #[must_use]
    pub const fn company(self) -> Option<CompanyId> {
        match self {
            Self::Operator => None,
            Self::CompanyAdmin(company) => Some(company),
        }
    }

    /// Its name, without the company.
    #[must_use]
    pub const fn name(self) -> RoleName {
        match self {
            Self::Operator => RoleName::Operator,
            Self::CompanyAdmin(_) => RoleName::CompanyAdmin,
        }
    }

    /// The name that callers see.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.name().as_str()
    }
}

/// The name of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleName {
    /// All companies.
    Operator,
    /// One company.
    CompanyAdmin,
}

impl RoleName {
    /// The name that callers use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::CompanyAdmin => "company_admin",
        }
    }
}

/// A text that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be operator or company_admin")]
pub struct UnknownRole;

impl FromStr for RoleName {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let mut all = [Self::Operator, Self::CompanyAdmin].into_iter();
        all.find(|name| name.as_str() == text).ok_or(UnknownRole)
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
