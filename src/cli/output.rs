//! The output of commands: one JSON value for scripts, or text for people.

use std::fmt::Display;
use std::io::Write;

use anyhow::Context as _;
use serde::Serialize;
use time::{OffsetDateTime, UtcOffset};

use super::OutputArgs;

impl OutputArgs {
    /// Prints one JSON value, or `result`, to standard output. `result` is one line, such as a key or an id, so that a
    /// script can capture it. `hint` is printed to standard error for people.
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

    /// Prints a value as JSON or as text.
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

/// Prints a line to standard output. A closed pipe is an error; `println!` would panic.
pub(super) fn print(text: impl Display) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}")
        .and_then(|()| output.flush())
        .context("cannot write to standard output")
}

/// Formats a timestamp to the minute, in UTC.
pub(super) fn minute(timestamp: OffsetDateTime) -> String {
    let timestamp = timestamp.to_offset(UtcOffset::UTC);
    let (hour, minute) = (timestamp.hour(), timestamp.minute());
    format!("{} {hour:02}:{minute:02} UTC", timestamp.date())
}

/// Formats a table with aligned columns.
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
