//! The settings of the admin API.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::formats::duration;
use crate::domain::Quota;

/// An access token is trusted by its signature and its session: it need not live long.
const MAX_ACCESS_TOKEN_TTL: Duration = Duration::from_mins(15);
const MAX_SESSION_TTL: Duration = Duration::from_hours(24 * 30);
const MAX_INVITATION_TTL: Duration = Duration::from_hours(24 * 14);

/// The admin API.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Admin {
    pub listen: Option<SocketAddr>,
    #[serde(with = "duration")]
    pub access_token_ttl: Duration,
    #[serde(with = "duration")]
    pub session_ttl: Duration,
    #[serde(with = "duration")]
    pub invitation_ttl: Duration,
    pub rate_limit: u32,
    #[serde(with = "duration")]
    pub rate_limit_window: Duration,
    pub sign_in_limit: u32,
    #[serde(with = "duration")]
    pub sign_in_window: Duration,
}

impl Admin {
    /// What no single value shows.
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
        Quota::new(self.rate_limit, self.rate_limit_window)
            .map_err(|error| format!("admin.rate_limit: {error}"))?;
        Quota::new(self.sign_in_limit, self.sign_in_window)
            .map_err(|error| format!("admin.sign_in_limit: {error}"))?;
        Ok(())
    }

    /// How often one administrator may call.
    ///
    /// # Panics
    /// Never: settings are checked when they are read.
    #[must_use]
    pub fn quota(&self) -> Quota {
        #[expect(
            clippy::expect_used,
            reason = "settings are checked when they are read"
        )]
        Quota::new(self.rate_limit, self.rate_limit_window).expect("a checked quota")
    }

    /// How often one address may try to sign in to one account.
    ///
    /// # Panics
    /// Never: settings are checked when they are read.
    #[must_use]
    pub fn sign_in_quota(&self) -> Quota {
        #[expect(
            clippy::expect_used,
            reason = "settings are checked when they are read"
        )]
        Quota::new(self.sign_in_limit, self.sign_in_window).expect("a checked quota")
    }
}
