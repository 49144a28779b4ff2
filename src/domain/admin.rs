//! Administrators: who they are, and what they sign in with.

use secrecy::SecretString;
use serde::{Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

use super::CompanyId;
use super::id::define_id;

/// The fewest characters of a password.
pub const MIN_PASSWORD_CHARACTERS: usize = 12;
/// The most characters of a password: more would only be work.
pub const MAX_PASSWORD_CHARACTERS: usize = 128;

define_id!(
    /// The id of an administrator.
    AdminId
);

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

    /// The name that callers see.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::CompanyAdmin(_) => "company_admin",
        }
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A password that may be set: long enough, in Unicode's form NFKC, so that it is the same from
/// every keyboard. No rule says which characters it holds (NIST SP 800-63B).
#[derive(Debug, Clone)]
pub struct Password(SecretString);

/// A text that is no password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must have {MIN_PASSWORD_CHARACTERS} to {MAX_PASSWORD_CHARACTERS} characters")]
pub struct InvalidPassword;

impl Password {
    /// Judges a text.
    ///
    /// # Errors
    /// It must have 12 to 128 characters.
    pub fn parse(text: &str) -> Result<Self, InvalidPassword> {
        // A character becomes at most 18 of them.
        let normalised: String = text.nfkc().take(MAX_PASSWORD_CHARACTERS + 1).collect();
        let length = normalised.chars().count();
        if (MIN_PASSWORD_CHARACTERS..=MAX_PASSWORD_CHARACTERS).contains(&length) {
            Ok(Self(SecretString::from(normalised)))
        } else {
            Err(InvalidPassword)
        }
    }

    /// The secret itself.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }
}
