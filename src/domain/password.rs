//! Passwords of administrators.

use secrecy::SecretString;
use unicode_normalization::UnicodeNormalization;

/// The fewest characters of a password.
pub const MIN_PASSWORD_CHARACTERS: usize = 12;
/// The most characters of a password: more would only be work.
pub const MAX_PASSWORD_CHARACTERS: usize = 128;

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
