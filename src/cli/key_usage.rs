//! `rubrica key usage`

use time::{Duration, OffsetDateTime};

use super::OutputArgs;
use super::context::{AdminContext, explain};
use super::output::{minute, table};
use crate::ambient;
use crate::domain::{ClientId, Hour, HourlyUsage, RequestCounts};

/// Prints the usage of a key in the last `hours` hours, including the current one.
pub(super) async fn show(
    context: &AdminContext,
    client_id: &ClientId,
    hours: u16,
    output: OutputArgs,
) -> anyhow::Result<()> {
    let (from, to) = last_hours(hours, ambient::now());
    let usage = context
        .administration
        .key_usage(&context.principal, client_id, from, to)
        .await
        .map_err(|error| explain(error, client_id))?;
    output.print(&usage, |usage| {
        let count = usage.iter().map(|it| it.counts.requests).sum::<i64>();
        format!("{}\n{count} requests since {}", text(usage), minute(from))
    })
}

fn last_hours(hours: u16, now: OffsetDateTime) -> (OffsetDateTime, OffsetDateTime) {
    let this_hour = Hour::of_unix_seconds(now.unix_timestamp()).start();
    let end = this_hour + Duration::HOUR;
    (end - Duration::hours(i64::from(hours)), end)
}

fn text(usage: &[HourlyUsage]) -> String {
    let header = [
        "HOUR",
        "REQUESTS",
        "REFUSED",
        "CLIENT ERRORS",
        "SERVER ERRORS",
    ];
    let rows = usage
        .iter()
        .map(|HourlyUsage { hour, counts }| {
            let RequestCounts {
                requests,
                refused,
                client_errors,
                server_errors,
            } = counts;
            let counts = [requests, refused, client_errors, server_errors];
            let counts = counts.map(ToString::to_string);
            std::iter::once(minute(*hour)).chain(counts).collect()
        })
        .collect();
    table(&header, rows)
}
