//! Reports an invalid command line in one line, like any other error.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::Cli;

/// The parts that clap adds after the error: the whole usage and tips.
const APPENDICES: [&str; 3] = ["\n\nUsage:", "\n\n  tip:", "\n\nFor more information"];

/// An invalid command line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(String);

impl Cli {
    /// Parses the arguments of this process. With `--help` or `--version` it prints the text and exits. Without a
    /// command it prints the help to standard error and exits with status 2.
    ///
    /// # Errors
    /// If the arguments are invalid. The text is one line that names the help to read.
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
    format!("{} (see `{command} --help`)", mask_keys(message))
}

/// Masks API keys among the quoted arguments in a message.
fn mask_keys(message: &str) -> String {
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

/// The command in the arguments, such as `rubrica key create`.
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
