//! Usage of API keys.

use std::time::Duration;

use time::OffsetDateTime;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::{Store, StoreError};
use crate::domain::{ClientId, CompanyId, HourlyUsage, RequestCounts, UsageReading};

const RECORD_USAGE: &str = include_str!("../../sql/queries/record_usage.sql");
const FIND_USAGE: &str = include_str!("../../sql/queries/find_usage.sql");
const FORGET_USAGE: &str = include_str!("../../sql/queries/forget_usage.sql");
const FORGET_USAGE_FLUSHES: &str = include_str!("../../sql/queries/forget_usage_flushes.sql");

/// The key of an advisory lock, different from all others on the same database.
const FORGETTING: i64 = 0x0072_7562_7573_6167;
/// One statement deletes the hours of this many keys, and this many of each.
const KEYS_PER_STATEMENT: i64 = 100;
const HOURS_PER_STATEMENT: i64 = 50;
/// A process retries one flush for less time than this.
const LONGEST_FLUSH: Duration = Duration::from_hours(7 * 24);

impl Store {
    /// Adds counted requests to the hours of their keys. Idempotent: a process numbers its flushes, and
    /// each number counts once.
    ///
    /// # Errors
    /// A [`StoreError`]. The usage may have been recorded.
    pub async fn record_usage(
        &self,
        process: i64,
        sequence: i64,
        readings: &[UsageReading],
    ) -> Result<(), StoreError> {
        let companies: Vec<i64> = column(readings, |it| it.company.get());
        let clients: Vec<&str> = readings.iter().map(|it| it.client.as_str()).collect();
        let hours: Vec<OffsetDateTime> = column(readings, |it| it.hour.start());
        let requests: Vec<i64> = column(readings, |it| it.counts.requests);
        let refused: Vec<i64> = column(readings, |it| it.counts.refused);
        let client_errors: Vec<i64> = column(readings, |it| it.counts.client_errors);
        let server_errors: Vec<i64> = column(readings, |it| it.counts.server_errors);
        let last_used: Vec<OffsetDateTime> = column(readings, |it| it.last_used_at);
        let parameters: [&(dyn ToSql + Sync); 10] = [
            &process,
            &sequence,
            &companies,
            &clients,
            &hours,
            &requests,
            &refused,
            &client_errors,
            &server_errors,
            &last_used,
        ];
        self.write("record_usage", RECORD_USAGE, &parameters)
            .await
            .map(drop)
    }

    /// The usage of a key in the hours that began in `from..to`, the oldest first, without hours that had
    /// no request. `None` if the company has no such key. Up to `usage.flush_interval` late.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn usage(
        &self,
        company: CompanyId,
        client: &ClientId,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Result<Option<Vec<HourlyUsage>>, StoreError> {
        let parameters: [&(dyn ToSql + Sync); 4] = [&company.get(), &client.as_str(), &from, &to];
        let rows = self.read("find_usage", FIND_USAGE, &parameters).await?;
        let hours = rows.iter().filter_map(read_usage).collect();
        Ok((!rows.is_empty()).then_some(hours))
    }

    /// Deletes the hours that began before a time, some per transaction, and the flush numbers of old
    /// processes. Stops if another replica does the same.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn forget_usage(
        &self,
        before: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let parameters: [&(dyn ToSql + Sync); 5] = [
                &FORGETTING,
                &after,
                &KEYS_PER_STATEMENT,
                &before,
                &HOURS_PER_STATEMENT,
            ];
            let rows = self
                .write("forget_usage", FORGET_USAGE, &parameters)
                .await?;
            let last = rows.first().and_then(|row| row.get("last_client_id"));
            let (Some(row), Some(last)) = (rows.first(), last) else {
                break;
            };
            // These keys may have more hours.
            if row.get::<_, i64>("deleted") == 0 {
                after = last;
            }
        }
        let ended = now - LONGEST_FLUSH;
        self.write("forget_usage_flushes", FORGET_USAGE_FLUSHES, &[&ended])
            .await
            .map(drop)
    }
}

fn column<T>(readings: &[UsageReading], value: impl Fn(&UsageReading) -> T) -> Vec<T> {
    readings.iter().map(value).collect()
}

fn read_usage(row: &Row) -> Option<HourlyUsage> {
    let hour: Option<OffsetDateTime> = row.get("hour");
    hour.map(|hour| HourlyUsage {
        hour,
        counts: RequestCounts {
            requests: row.get("requests"),
            refused: row.get("refused"),
            client_errors: row.get("client_errors"),
            server_errors: row.get("server_errors"),
        },
    })
}
