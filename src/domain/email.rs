//! E-mail addresses in the one form they are stored and matched in.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use super::InvisibleCharacter;
use super::local_part::is_local_part;

/// The longest address that SMTP can carry in a path (RFC 5321), in bytes.
const MAX_BYTES: usize = 254;
const MAX_LOCAL_PART_BYTES: usize = 64;

/// A normalised e-mail address: trimmed, lower-cased, NFC, its domain in ASCII (IDNA).
///
/// Normalising it again changes nothing. `+tags` and dots in the local part are kept, since
/// they may be other mailboxes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// Why a text is not an e-mail address. The message says how to fix it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// It contains an invisible character.
    #[error(transparent)]
    Invisible(InvisibleCharacter),
    /// There is no `@` between a local part and a domain.
    #[error("must be an e-mail address such as jane@example.com")]
    NotAnAddress,
    /// It is longer than any mail server accepts.
    #[error("must be at most 254 bytes long")]
    TooLong,
    /// The part before the `@` is quoted, empty or holds a character that may not be there.
    #[error(
        "has a part before the @ that is not allowed: use letters, digits, single dots and !#$%&'*+/=?^_`{{|}}~-, without quotes, spaces or a display name"
    )]
    LocalPart,
    /// The part before the `@` is longer than any mail server accepts.
    #[error("must have at most 64 bytes before the @")]
    LocalPartTooLong,
    /// The part after the `@` is no domain name of at least two labels.
    #[error(
        "must have a domain such as example.com after the @, not an IP address or a single word"
    )]
    Domain,
}

impl Email {
    /// Parses and normalises an address.
    ///
    /// # Errors
    /// Says which part of the address is wrong.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let (spaces, text) = split_leading_space(text.trim_end());
        // Normalising may shorten an address, but never to a quarter of its length.
        if text.len() > 4 * MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        if let Some(found) = InvisibleCharacter::find(text) {
            let characters_before = spaces.chars().count();
            return Err(EmailError::Invisible(found.after(characters_before)));
        }
        let normalised = normalise(text);
        let (local_part, domain) = normalised
            .rsplit_once('@')
            .ok_or(EmailError::NotAnAddress)?;
        check_local_part(local_part)?;
        let domain = ascii_domain(domain)?;

        let address = format!("{local_part}@{domain}");
        if address.len() > MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        Ok(Self(address))
    }

    /// The normalised address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn normalise(text: &str) -> String {
    if text.is_ascii() {
        // It is in NFC already.
        text.to_ascii_lowercase()
    } else {
        text.to_lowercase().nfc().collect()
    }
}

fn split_leading_space(text: &str) -> (&str, &str) {
    text.split_at(text.len() - text.trim_start().len())
}

fn check_local_part(local_part: &str) -> Result<(), EmailError> {
    if local_part.len() > MAX_LOCAL_PART_BYTES {
        return Err(EmailError::LocalPartTooLong);
    }
    if is_local_part(local_part) {
        Ok(())
    } else {
        Err(EmailError::LocalPart)
    }
}

/// Its labels have 1 to 63 letters, digits and inner hyphens: UTS 46, strictly, and with the lengths of DNS.
fn ascii_domain(domain: &str) -> Result<String, EmailError> {
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| EmailError::Domain)?;
    let (_, top_level) = ascii.rsplit_once('.').ok_or(EmailError::Domain)?;
    // No top-level domain ends with a digit, but for encoded ones: this is an IP address, or a part of one.
    let is_encoded = top_level.starts_with("xn--");
    let is_name = is_encoded || !top_level.ends_with(|last: char| last.is_ascii_digit());
    is_name.then_some(ascii).ok_or(EmailError::Domain)
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Silent: an address is personal data and stays out of logs.
impl fmt::Debug for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Email(…)")
    }
}
