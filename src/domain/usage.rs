//! What API keys are used for: requests, by the hour.

use serde::Serialize;
use time::{Duration, OffsetDateTime};

use super::{ClientId, CompanyId, timestamp};

const SECONDS: i64 = 3600;

/// An hour of UTC, counted from 1970 on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hour(i64);

impl Hour {
    /// The hour of a moment, in seconds since 1970.
    #[must_use]
    pub const fn of_unix_seconds(seconds: i64) -> Self {
        Self(seconds.div_euclid(SECONDS))
    }

    /// Its first moment.
    #[must_use]
    pub fn start(self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::hours(self.0)
    }
}

/// Requests with a valid API key, by how they were answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestCounts {
    /// All of them. A batch is one.
    pub requests: i64,
    /// Those beyond the key's limit: 429.
    pub refused: i64,
    /// The caller's other errors: 4xx.
    pub client_errors: i64,
    /// The service's errors: 5xx.
    pub server_errors: i64,
}

impl RequestCounts {
    /// Counts a request that was answered with this HTTP status.
    pub const fn count(&mut self, status: u16) {
        self.requests += 1;
        match status {
            429 => self.refused += 1,
            400..=499 => self.client_errors += 1,
            500.. => self.server_errors += 1,
            _ => {}
        }
    }

    /// Takes others in.
    pub const fn add(&mut self, others: Self) {
        self.requests += others.requests;
        self.refused += others.refused;
        self.client_errors += others.client_errors;
        self.server_errors += others.server_errors;
    }
}

/// Requests of one API key in one hour.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HourlyUsage {
    /// When the hour began.
    #[serde(serialize_with = "timestamp::serialize")]
    pub hour: OffsetDateTime,
    /// What was counted in it.
    #[serde(flatten)]
    pub counts: RequestCounts,
}

/// What was counted of a key in an hour since the last time that somebody looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageReading {
    /// Whose key it is.
    pub company: CompanyId,
    /// The key.
    pub client: ClientId,
    /// The hour.
    pub hour: Hour,
    /// The requests.
    pub counts: RequestCounts,
    /// When the last of them was answered.
    pub last_used_at: OffsetDateTime,
}
