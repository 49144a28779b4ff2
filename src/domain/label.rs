//! Short texts for people.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::InvisibleCharacter;

/// The most characters of a label.
pub const MAX_LABEL_CHARACTERS: usize = 200;

/// A short text for people: 1 to 200 characters in NFC, without invisible characters or outer blanks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Label(String);

/// A text that is no label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLabel {
    /// It contains an invisible character, or one that changes the direction of the text.
    #[error(transparent)]
    Invisible(InvisibleCharacter),
    /// It is blank or too long.
    #[error("must have 1 to {MAX_LABEL_CHARACTERS} characters that are not all blank")]
    Length,
}

impl Label {
    /// What every label matches, as a regular expression: some character that is not white space, no control
    /// character, and none of the invisible ones that are met most.
    pub const PATTERN: &str = r"^[^\u0000-\u001F\u007F-\u009F\u00AD\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF]*[^\s\u0000-\u001F\u007F-\u009F\u00AD\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF][^\u0000-\u001F\u007F-\u009F\u00AD\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF]*$";

    /// A label that values are compared with, such as an option of a select: no character of it is changed.
    ///
    /// # Errors
    /// As parsing one.
    pub fn exact(text: &str) -> Result<Self, InvalidLabel> {
        if let Some(found) = InvisibleCharacter::find_in_prose(text) {
            return Err(InvalidLabel::Invisible(found));
        }
        let label = text.trim();
        let is_valid = (1..=MAX_LABEL_CHARACTERS).contains(&label.chars().count());
        is_valid
            .then(|| Self(label.to_owned()))
            .ok_or(InvalidLabel::Length)
    }

    /// A label that was stored, perhaps under the rules of an earlier release.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Label {
    type Err = InvalidLabel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Refused as it was sent: the position in the message is one in that text.
        if let Some(found) = InvisibleCharacter::find_in_prose(text) {
            return Err(InvalidLabel::Invisible(found));
        }
        Self::exact(&text.nfc().collect::<String>())
    }
}
