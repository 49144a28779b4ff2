//! The usage of API keys: requests per hour.

use serde::Serialize;
use time::{Duration, OffsetDateTime};

use super::{ClientId, CompanyId, timestamp};

const SECONDS: i64 = 3600;

/// An hour in UTC, counted from 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hour(i64);

impl Hour {
    /// The hour that contains a timestamp in seconds since 1970.
    #[must_use]
    pub const fn of_unix_seconds(seconds: i64) -> Self {
        Self(seconds.div_euclid(SECONDS))
    }

    /// When it begins.
    #[must_use]
    pub fn start(self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::hours(self.0)
    }
}

/// Requests with a valid API key, by status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestCounts {
    /// All requests. A batch counts as one.
    pub requests: i64,
    /// Requests over the rate limit (429).
    pub refused: i64,
    /// Other errors of the caller (4xx).
    pub client_errors: i64,
    /// Errors of the service (5xx).
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

    /// Adds other counts.
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

/// The requests of a key in an hour since the previous reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageReading {
    /// The company of the key.
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
