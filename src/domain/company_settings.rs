//! Settings of a company that apply to its contacts.

use std::str::FromStr;

use serde::Serialize;

/// The settings of a company that apply to its contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompanySettings {
    /// Whether a contact may have a phone and no e-mail address.
    pub phone_only_contacts: bool,
    /// What happens to a sent phone that belongs to another contact.
    pub phone_conflict: PhoneConflict,
    /// What happens to a sent e-mail address, if the sent phone matches a contact with another one.
    pub email_conflict: EmailConflict,
    /// What happens to an opt-in when its address changes.
    pub consent_on_address_change: ConsentOnAddressChange,
}

/// What an upsert does when the sent phone belongs to another active contact.
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

/// A text that is no [`PhoneConflict`].
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

/// What an upsert does when no contact has the sent e-mail address, and the sent phone matches an
/// active contact with another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EmailConflict {
    /// The contact takes the sent address, and the result has a warning.
    Replace,
    /// Refuse the whole call.
    Reject,
    /// Create a contact with the sent address and without the phone, and warn.
    Create,
}

impl EmailConflict {
    /// The name that administrators and the database use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Reject => "reject",
            Self::Create => "create",
        }
    }
}

/// A text that is no [`EmailConflict`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown way to treat an e-mail conflict {0:?}: use replace, reject or create")]
pub struct UnknownEmailConflict(String);

impl FromStr for EmailConflict {
    type Err = UnknownEmailConflict;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "replace" => Ok(Self::Replace),
            "reject" => Ok(Self::Reject),
            "create" => Ok(Self::Create),
            _ => Err(UnknownEmailConflict(text.to_owned())),
        }
    }
}

/// What happens to a stored opt-in when the contact's address for that channel changes and the call
/// does not set the consent. A stored opt-out always stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsentOnAddressChange {
    /// It applies to the new address.
    Keep,
    /// It becomes `null`, as if the person had never been asked.
    Reset,
}

impl ConsentOnAddressChange {
    /// The name that administrators and the database use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Reset => "reset",
        }
    }
}

/// A text that is no [`ConsentOnAddressChange`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown treatment of consent on a change of address {0:?}: use keep or reset")]
pub struct UnknownConsentOnAddressChange(String);

impl FromStr for ConsentOnAddressChange {
    type Err = UnknownConsentOnAddressChange;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "keep" => Ok(Self::Keep),
            "reset" => Ok(Self::Reset),
            _ => Err(UnknownConsentOnAddressChange(text.to_owned())),
        }
    }
}
