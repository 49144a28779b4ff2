//! Values of which samples are made.

use time::OffsetDateTime;
use time::macros::datetime;

/// When what a sample shows was made.
pub(in crate::http) const TIMESTAMP: OffsetDateTime = datetime!(2026-01-31 09:30:00.123456 UTC);
