//! What an API key may do.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// One permission of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// `contacts:read`
    ContactsRead,
    /// `contacts:write`
    ContactsWrite,
    /// `contacts:erase`
    ContactsErase,
    /// `custom_fields:read`
    CustomFieldsRead,
    /// `custom_fields:write`
    CustomFieldsWrite,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 5] = [
        Self::ContactsRead,
        Self::ContactsWrite,
        Self::ContactsErase,
        Self::CustomFieldsRead,
        Self::CustomFieldsWrite,
    ];

    /// The name that callers and administrators use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ContactsRead => "contacts:read",
            Self::ContactsWrite => "contacts:write",
            Self::ContactsErase => "contacts:erase",
            Self::CustomFieldsRead => "custom_fields:read",
            Self::CustomFieldsWrite => "custom_fields:write",
        }
    }
}

/// A text that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown scope {0:?}: use contacts:read, contacts:write, contacts:erase, custom_fields:read or custom_fields:write"
)]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A set of scopes, in the order of their declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// What a key may do when nobody said otherwise: everything but erase.
    #[must_use]
    pub fn default_of_a_key() -> Self {
        Scope::ALL
            .into_iter()
            .filter(|scope| *scope != Scope::ContactsErase)
            .collect()
    }

    /// Whether the set holds this scope.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// The names of the scopes.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        Scope::ALL
            .into_iter()
            .filter(|scope| self.contains(*scope))
            .map(Scope::as_str)
            .collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(
            scopes
                .into_iter()
                .fold(0, |set, scope| set | 1 << scope as u8),
        )
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}
