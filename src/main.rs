//! The `rubrica` binary.

use std::fmt::Display;
use std::process::ExitCode;

use rubrica::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The exit code for an invalid command line.
const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    let cli = match Cli::from_arguments() {
        Ok(cli) => cli,
        Err(error) => {
            print_error(error);
            return ExitCode::from(USAGE_ERROR);
        }
    };
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Prints an error in one line, even if a cause or an argument contains line breaks.
fn print_error(error: impl Display) {
    let error = error.to_string();
    let words: Vec<&str> = error.split_whitespace().collect();
    eprintln!("rubrica: {}", words.join(" "));
}
