//! How pages display the status of an API key.

use time::{Duration, OffsetDateTime};

use super::format;
use crate::ambient;
use crate::domain::{ApiKey, Company, KeyState};

/// A key is marked from this time before its expiry.
const SOON: Duration = Duration::days(14);

/// The badge of a key.
pub(super) struct KeyStatus {
    /// The class of its style.
    pub(super) class: &'static str,
    pub(super) text: String,
    /// Whether the key is active and expires soon.
    pub(super) expires_soon: bool,
}

impl KeyStatus {
    /// The status of a key of this company.
    pub(super) fn new(key: &ApiKey, company: &Company) -> Self {
        let is_active = key.state == KeyState::Active;
        let (class, text) = match (&key.expires_at, &key.replaced_by) {
            (Some(end), Some(_)) if is_active => (
                "rotating",
                format!("Rotating until {}", format::timestamp(end)),
            ),
            _ if is_active && company.is_suspended() => {
                ("blocked", "Active (company suspended)".to_owned())
            }
            _ => (key.state.as_str(), format::capital(key.state.as_str())),
        };
        let is_soon = |end: OffsetDateTime| end - ambient::now() <= SOON;
        Self {
            class,
            text,
            expires_soon: is_active && key.expires_at.is_some_and(is_soon),
        }
    }
}
