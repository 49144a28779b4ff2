//! Short texts for people.

use serde::Serialize;

/// The most characters of a label.
pub const MAX_LABEL_CHARACTERS: usize = 200;

/// A short text for people: 1 to 200 characters, without control characters or outer blanks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Label(String);

/// A text that is no label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to {MAX_LABEL_CHARACTERS} characters, none of them a control character")]
pub struct InvalidLabel;

impl Label {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Label {
    type Err = InvalidLabel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let label = text.trim();
        let is_valid = (1..=MAX_LABEL_CHARACTERS).contains(&label.chars().count())
            && !text.chars().any(char::is_control);
        is_valid.then(|| Self(label.to_owned())).ok_or(InvalidLabel)
    }
}
