//! What commands print: one JSON value for scripts, or text for people.

use std::fmt::Display;
use std::io::Write;

use anyhow::Context as _;
use serde::Serialize;
use time::{OffsetDateTime, UtcOffset};

use super::OutputArgs;

impl OutputArgs {
    /// Prints the result for a script to standard output: one JSON value, or `result`, which is one
    /// line such as a key or an id. A person reads the hint, on standard error.
    pub(super) fn print_result<T: Serialize>(
        self,
        value: &T,
        result: &str,
        hint: impl Display,
    ) -> anyhow::Result<()> {
        if self.json {
            return print(serde_json::to_string(value)?);
        }
        print(result)?;
        eprintln!("{hint}");
        Ok(())
    }

    /// Prints a value.
    pub(super) fn print<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        if self.json {
            print(serde_json::to_string(value)?)
        } else {
            print(text(value))
        }
    }
}

/// Prints a text and a line end. Where nobody reads it, as at the end of a pipeline that stopped,
/// that is an error like any other: `println!` would panic.
pub(super) fn print(text: impl Display) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}")
        .and_then(|()| output.flush())
        .context("cannot write to standard output")
}

/// A timestamp, to the minute.
pub(super) fn minute(timestamp: OffsetDateTime) -> String {
    let timestamp = timestamp.to_offset(UtcOffset::UTC);
    let (hour, minute) = (timestamp.hour(), timestamp.minute());
    format!("{} {hour:02}:{minute:02} UTC", timestamp.date())
}

/// A table with aligned columns.
pub(super) fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let header = header.iter().map(|name| (*name).to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}
