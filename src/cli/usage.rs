//! Reports a command line that cannot be understood: in one line, like any other error.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::Cli;

/// What clap puts after the error itself: the whole usage, and tips.
const APPENDICES: [&str; 3] = ["\n\nUsage:", "\n\n  tip:", "\n\nFor more information"];

/// A command line that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(String);

impl Cli {
    /// Parses the arguments of this process. Prints what `--help` or `--version` asks for and ends
    /// the process, if one of them is among the arguments. Without a command it prints the help to
    /// standard error and ends the process with status 2.
    ///
    /// # Errors
    /// In one line, what is wrong with them and which help to read.
    pub fn from_arguments() -> Result<Self, UsageError> {
        Self::try_parse().map_err(|error| {
            let lacks_command = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
            if lacks_command || !error.use_stderr() {
                error.exit();
            }
            UsageError(describe(&error, std::env::args_os().skip(1)))
        })
    }
}

fn describe(error: &clap::Error, arguments: impl Iterator<Item = OsString>) -> String {
    let command = command_of(arguments);
    let text = error.render().to_string();
    let end = APPENDICES
        .iter()
        .filter_map(|appendix| text.find(appendix))
        .min()
        .unwrap_or(text.len());
    let message = text[..end].trim_start_matches("error: ").trim();
    format!("{} (see `{command} --help`)", without_keys(message))
}

/// A message that repeats its arguments in quotes, but no whole API key among them.
fn without_keys(message: &str) -> String {
    let parts = message.split('\'');
    let parts: Vec<&str> = parts
        .map(|part| {
            if part.starts_with("mn-") {
                "mn-…"
            } else {
                part
            }
        })
        .collect();
    parts.join("'")
}

/// The command that the arguments name, such as `rubrica key create`.
fn command_of(arguments: impl Iterator<Item = OsString>) -> String {
    let mut command = Cli::command();
    let mut names = command.get_name().to_owned();
    for argument in arguments {
        if let Some(subcommand) = command.find_subcommand(argument) {
            names = format!("{names} {}", subcommand.get_name());
            command = subcommand.clone();
        }
    }
    names
}
