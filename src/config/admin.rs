//! The settings of the admin API.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::formats::{duration, quota};
use crate::domain::Quota;

/// An access token is verified without the password, so it must expire soon.
const MAX_ACCESS_TOKEN_TTL: Duration = Duration::from_mins(15);
const MAX_SESSION_TTL: Duration = Duration::from_hours(24 * 30);
const MAX_INVITATION_TTL: Duration = Duration::from_hours(24 * 14);

/// The admin API.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(try_from = "AdminKeys", into = "AdminKeys")]
pub struct Admin {
    /// The address of its own port; `None`: it is served on `http.listen`.
    pub listen: Option<SocketAddr>,
    /// How long an access token is valid.
    pub access_token_ttl: Duration,
    /// How long a session lasts.
    pub session_ttl: Duration,
    /// How long an invitation is valid.
    pub invitation_ttl: Duration,
    /// The rate limit of one administrator, per replica.
    pub quota: Quota,
    /// The limit of sign-in attempts per account and client address, per replica.
    pub sign_in_quota: Quota,
}

/// The section as it is written in a file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct AdminKeys {
    listen: Option<SocketAddr>,
    #[serde(with = "duration")]
    access_token_ttl: Duration,
    #[serde(with = "duration")]
    session_ttl: Duration,
    #[serde(with = "duration")]
    invitation_ttl: Duration,
    rate_limit: u32,
    #[serde(with = "duration")]
    rate_limit_window: Duration,
    sign_in_limit: u32,
    #[serde(with = "duration")]
    sign_in_window: Duration,
}

impl TryFrom<AdminKeys> for Admin {
    type Error = String;

    fn try_from(keys: AdminKeys) -> Result<Self, String> {
        Ok(Self {
            listen: keys.listen,
            access_token_ttl: keys.access_token_ttl,
            session_ttl: keys.session_ttl,
            invitation_ttl: keys.invitation_ttl,
            quota: quota("admin.rate_limit", keys.rate_limit, keys.rate_limit_window)?,
            sign_in_quota: quota(
                "admin.sign_in_limit",
                keys.sign_in_limit,
                keys.sign_in_window,
            )?,
        })
    }
}

impl From<Admin> for AdminKeys {
    fn from(settings: Admin) -> Self {
        Self {
            listen: settings.listen,
            access_token_ttl: settings.access_token_ttl,
            session_ttl: settings.session_ttl,
            invitation_ttl: settings.invitation_ttl,
            rate_limit: settings.quota.limit(),
            rate_limit_window: settings.quota.window(),
            sign_in_limit: settings.sign_in_quota.limit(),
            sign_in_window: settings.sign_in_quota.window(),
        }
    }
}

impl Admin {
    /// Checks rules that involve several settings, or that the type cannot express.
    pub(super) fn check(&self) -> Result<(), String> {
        let bounds = [
            (
                "access_token_ttl",
                self.access_token_ttl,
                MAX_ACCESS_TOKEN_TTL,
            ),
            ("session_ttl", self.session_ttl, MAX_SESSION_TTL),
            ("invitation_ttl", self.invitation_ttl, MAX_INVITATION_TTL),
        ];
        for (name, duration, most) in bounds {
            if !(Duration::from_secs(1)..=most).contains(&duration) {
                let most = humantime::format_duration(most);
                return Err(format!("admin.{name}: must be from 1s to {most}"));
            }
        }
        Ok(())
    }
}
