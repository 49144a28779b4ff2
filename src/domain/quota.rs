//! Quotas: requests per window.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// The longest window. It bounds how long a limiter must remember a key.
const MAX_WINDOW: Duration = Duration::from_hours(24);
const MIN_WINDOW: Duration = Duration::from_secs(1);
const MAX_LIMIT: NonZeroU32 = NonZeroU32::new(1_000_000_000).unwrap();

/// A burst of `limit` requests, refilled evenly over `window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    limit: NonZeroU32,
    window: Duration,
}

/// Why a quota cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuotaError {
    /// The text has another form.
    #[error("a rate limit is written as requests per window, such as 600/60s")]
    Form,
    /// The number of requests is out of range.
    #[error("a rate limit must be from 1 to 1000000000 requests")]
    Limit,
    /// The window is out of range.
    #[error("a rate limit's window must be whole milliseconds, from 1s to 24h")]
    Window,
}

impl Quota {
    /// The quota that refills fastest.
    pub const LARGEST: Self = Self {
        limit: MAX_LIMIT,
        window: MIN_WINDOW,
    };

    /// Makes a quota of `limit` requests per `window`.
    ///
    /// # Errors
    /// The limit must be 1 to 1,000,000,000, the window 1 second to 24 hours in whole milliseconds.
    pub const fn new(limit: u32, window: Duration) -> Result<Self, QuotaError> {
        let limit = match NonZeroU32::new(limit) {
            Some(limit) if limit.get() <= MAX_LIMIT.get() => limit,
            _ => return Err(QuotaError::Limit),
        };
        let is_whole = window.subsec_nanos().is_multiple_of(1_000_000);
        let milliseconds = window.as_millis();
        let is_too_short = milliseconds < MIN_WINDOW.as_millis();
        let is_too_long = milliseconds > MAX_WINDOW.as_millis();
        if !is_whole || is_too_short || is_too_long {
            return Err(QuotaError::Window);
        }
        Ok(Self { limit, window })
    }

    /// The number of requests in one window, which is also the largest burst.
    #[must_use]
    pub const fn limit(self) -> u32 {
        self.limit.get()
    }

    /// The time in which a whole burst is refilled.
    #[must_use]
    pub const fn window(self) -> Duration {
        self.window
    }

    /// The share of one of `replicas` that do not share their counts: at least one request.
    #[must_use]
    pub fn share(self, replicas: NonZeroU32) -> Self {
        let limit = NonZeroU32::new(self.limit.get() / replicas).unwrap_or(NonZeroU32::MIN);
        Self { limit, ..self }
    }
}

/// A value for an API key and one for its company. A request has to pass both limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyAndCompany<T> {
    /// The key's own.
    pub key: T,
    /// Its company's, for all of its keys together.
    pub company: T,
}

impl FromStr for Quota {
    type Err = QuotaError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (limit, window) = text.split_once('/').ok_or(QuotaError::Form)?;
        let window = humantime::parse_duration(window.trim()).map_err(|_| QuotaError::Form)?;
        let is_number = !limit.is_empty() && limit.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            return Err(QuotaError::Form);
        }
        Self::new(limit.parse().map_err(|_| QuotaError::Limit)?, window)
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/", self.limit)?;
        if self.window.subsec_millis() == 0 {
            write!(formatter, "{}s", self.window.as_secs())
        } else {
            write!(formatter, "{}ms", self.window.as_millis())
        }
    }
}

impl Serialize for Quota {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
