//! The tenant.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The company (tenant) that keys and contacts belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CompanyId(i64);

/// A text that is no company's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a company's id: a positive whole number, such as 1")]
pub struct InvalidCompanyId;

impl CompanyId {
    /// Wraps an id as the database holds it.
    #[must_use]
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The id as the database holds it.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl FromStr for CompanyId {
    type Err = InvalidCompanyId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = text.parse().map_err(|_| InvalidCompanyId)?;
        if id > 0 {
            Ok(Self(id))
        } else {
            Err(InvalidCompanyId)
        }
    }
}

impl fmt::Display for CompanyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Serialize for CompanyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a company chose about its contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompanySettings {
    /// Whether a contact may have a phone and no e-mail address.
    pub phone_only_contacts: bool,
    /// What happens to a sent phone that belongs to another contact.
    pub phone_conflict: PhoneConflict,
}

/// What an upsert does when the sent phone belongs to another live contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PhoneConflict {
    /// Refuse the whole call.
    Reject,
    /// Write everything but the phone, and warn.
    Skip,
}

impl PhoneConflict {
    /// The name that administrators and the database use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Skip => "skip",
        }
    }
}

/// A text that names no way to treat a phone conflict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid value {0:?}: use reject or skip")]
pub struct UnknownPhoneConflict(String);

impl FromStr for PhoneConflict {
    type Err = UnknownPhoneConflict;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "reject" => Ok(Self::Reject),
            "skip" => Ok(Self::Skip),
            _ => Err(UnknownPhoneConflict(text.to_owned())),
        }
    }
}
