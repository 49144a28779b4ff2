//! Passwords of administrators.

use secrecy::SecretString;
use unicode_normalization::UnicodeNormalization;

/// The fewest characters of a password.
pub const MIN_PASSWORD_CHARACTERS: usize = 12;
/// The most characters of a password. More would only cost time.
pub const MAX_PASSWORD_CHARACTERS: usize = 128;

/// A valid password: long enough, and in the Unicode form NFKC, so that it does not depend on the
/// keyboard. It may contain any characters (NIST SP 800-63B).
#[derive(Debug, Clone)]
pub struct Password(SecretString);

/// A text that is no password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must have {MIN_PASSWORD_CHARACTERS} to {MAX_PASSWORD_CHARACTERS} characters")]
pub struct InvalidPassword;

impl Password {
    /// Checks the length of a text.
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
