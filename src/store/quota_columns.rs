//! Stores a quota in two columns: both are set, or neither.

use std::time::Duration;

use tokio_postgres::Row;

use super::StoreError;
use crate::domain::Quota;

/// The values of `rate_limit` and `rate_limit_window_ms`.
pub(super) fn write(quota: Option<Quota>) -> (Option<i32>, Option<i64>) {
    // The limit is at most 10^9 and the window at most a day, so both fit.
    let limit = quota.and_then(|quota| i32::try_from(quota.limit()).ok());
    let window = quota.and_then(|quota| i64::try_from(quota.window().as_millis()).ok());
    (limit, window)
}

/// Reads `rate_limit` and `rate_limit_window_ms`.
pub(super) fn read(row: &Row) -> Result<Option<Quota>, StoreError> {
    quota(row.get("rate_limit"), row.get("rate_limit_window_ms"))
}

/// Reads `company_rate_limit` and `company_rate_limit_window_ms`.
pub(super) fn read_company(row: &Row) -> Result<Option<Quota>, StoreError> {
    quota(
        row.get("company_rate_limit"),
        row.get("company_rate_limit_window_ms"),
    )
}

fn quota(limit: Option<i32>, window: Option<i64>) -> Result<Option<Quota>, StoreError> {
    let (Some(limit), Some(window)) = (limit, window) else {
        return Ok(None);
    };
    u32::try_from(limit)
        .ok()
        .zip(u64::try_from(window).ok())
        .and_then(|(limit, window)| Quota::new(limit, Duration::from_millis(window)).ok())
        .map(Some)
        .ok_or_else(|| StoreError::Defect("a stored rate limit is out of range".to_owned()))
}
