//! The `rubrica` binary.

use std::fmt::Display;
use std::process::ExitCode;

use rubrica::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A command line that cannot be understood.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let cli = match Cli::from_arguments() {
        Ok(cli) => cli,
        Err(error) => {
            print_error(error);
            return ExitCode::from(USAGE);
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

/// Says it in one line, whatever line ends a cause or an argument holds.
fn print_error(error: impl Display) {
    let error = error.to_string();
    let words: Vec<&str> = error.split_whitespace().collect();
    eprintln!("rubrica: {}", words.join(" "));
}
