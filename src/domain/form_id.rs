//! The one-time id of a form.

use std::fmt;
use std::str::FromStr;

use rand::CryptoRng;

const BYTES: usize = 16;

/// The one-time id of a form: 128 random bits, written as 32 hexadecimal digits. It prevents a form that
/// is sent twice from taking effect twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormId([u8; BYTES]);

/// A text that is no id of a form.
#[derive(Debug, thiserror::Error)]
#[error("must be 32 hexadecimal digits")]
pub struct InvalidFormId;

impl FormId {
    /// A new id.
    #[must_use]
    pub fn generate(random: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; BYTES];
        random.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Its 16 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; BYTES] {
        &self.0
    }
}

impl fmt::Display for FormId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl FromStr for FormId {
    type Err = InvalidFormId;

    fn from_str(text: &str) -> Result<Self, InvalidFormId> {
        let mut bytes = [0; BYTES];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidFormId)?;
        Ok(Self(bytes))
    }
}
