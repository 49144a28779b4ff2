//! How long a key that was rotated still works.

use std::str::FromStr;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// The time in which a rotated key and its successor both work: zero to seven days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GracePeriod(Duration);

/// A duration that is no grace period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a grace period is 0d to 7d, written such as 1d, 12h or 30m")]
pub struct InvalidGracePeriod;

impl GracePeriod {
    /// Wraps a duration.
    ///
    /// # Errors
    /// It must be at most seven days.
    pub fn new(duration: Duration) -> Result<Self, InvalidGracePeriod> {
        if duration <= LONGEST {
            Ok(Self(duration))
        } else {
            Err(InvalidGracePeriod)
        }
    }

    /// Wraps whole days.
    ///
    /// # Errors
    /// It must be at most seven.
    pub fn of_days(days: u8) -> Result<Self, InvalidGracePeriod> {
        Self::new(DAY * u32::from(days))
    }

    /// The duration.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }
}

/// A day.
impl Default for GracePeriod {
    fn default() -> Self {
        Self(DAY)
    }
}

impl FromStr for GracePeriod {
    type Err = InvalidGracePeriod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let duration = humantime::parse_duration(text).map_err(|_| InvalidGracePeriod)?;
        Self::new(duration)
    }
}
