//! Phone numbers in E.164 form.

use std::fmt;
use std::str::FromStr;

use super::InvisibleCharacter;
use super::calling_codes::{self, begins_with_assigned_code};

/// A phone number in E.164 form: `+`, an assigned country calling code, 7 to 15 digits in all.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// Why a text is not a phone number in E.164 form. The message says how to fix it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// It contains an invisible character.
    #[error(transparent)]
    Invisible(InvisibleCharacter),
    /// There is no leading `+`.
    #[error("must begin with + and the country calling code, such as +393391234567")]
    NoPlus,
    /// Something other than a digit follows the `+`.
    #[error("must hold nothing but digits after the +: remove spaces, dashes and parentheses")]
    NotDigits,
    /// There are fewer than 7 or more than 15 digits.
    #[error("must have 7 to 15 digits, the country calling code included")]
    Length,
    /// No country or service has this calling code.
    #[error("must begin with an assigned country calling code, such as +39 or +1")]
    CallingCode,
}

impl Phone {
    /// Parses a number in E.164 form. Does not correct other forms.
    ///
    /// # Errors
    /// Says which rule of E.164 the text breaks.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        if let Some(found) = InvisibleCharacter::find(text) {
            return Err(PhoneError::Invisible(found));
        }
        let digits = text.strip_prefix('+').ok_or(PhoneError::NoPlus)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneError::NotDigits);
        }
        if !(7..=15).contains(&digits.len()) {
            return Err(PhoneError::Length);
        }
        if !begins_with_assigned_code(digits) {
            return Err(PhoneError::CallingCode);
        }
        Ok(Self(text.to_owned()))
    }

    /// A regular expression for the numbers that [`Phone::parse`] accepts.
    #[must_use]
    pub fn pattern() -> String {
        format!(r"^\+({})$", calling_codes::pattern())
    }

    /// The number in E.164 form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Silent: a number is personal data and stays out of logs.
impl fmt::Debug for Phone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Phone(…)")
    }
}
