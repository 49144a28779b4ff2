//! The state of a filter by custom field.

/// Whether contacts can be filtered by a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterState {
    /// No.
    None,
    /// Not yet: its values are being collected.
    Building,
    /// Yes.
    Ready,
    /// No longer: its values are being deleted.
    Dropping,
}

impl FilterState {
    const ALL: [Self; 4] = [Self::None, Self::Building, Self::Ready, Self::Dropping];

    /// The name that the database uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Building => "building",
            Self::Ready => "ready",
            Self::Dropping => "dropping",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether the field is declared filterable.
    #[must_use]
    pub const fn is_wanted(self) -> bool {
        matches!(self, Self::Building | Self::Ready)
    }

    /// The state after the field is declared filterable or not.
    #[must_use]
    pub const fn declared(self, filterable: bool) -> Self {
        match (self, filterable) {
            (Self::None | Self::Dropping, true) => Self::Building,
            (Self::Building | Self::Ready, false) => Self::Dropping,
            (state, _) => state,
        }
    }
}
