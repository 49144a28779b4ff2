//! The tenant.

use std::str::FromStr;

use serde::Serialize;

use super::id::define_id;

define_id!(
    /// The company (tenant) that keys and contacts belong to.
    CompanyId
);

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
#[error("unknown way to treat a phone conflict {0:?}: use reject or skip")]
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
