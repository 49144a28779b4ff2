//! The `rubrica` binary.

use std::process::ExitCode;

use clap::Parser;
use rubrica::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line: the error and its causes.
            eprintln!("rubrica: {error:#}");
            ExitCode::FAILURE
        }
    }
}
