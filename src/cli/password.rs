//! Reads a password from a terminal or from standard input.

use std::io::{IsTerminal, Read};

use anyhow::{Context as _, ensure};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::{InvalidPassword, MAX_PASSWORD_CHARACTERS, Password};

/// A character has at most four bytes. The line ending is not part of the password.
const MAX_INPUT_BYTES: u64 = 4 * MAX_PASSWORD_CHARACTERS as u64 + 2;

/// Asks for a password twice, without echo, if standard input is a terminal. Else it reads all of standard input,
/// which may end with a line ending.
pub(super) fn read_password() -> anyhow::Result<Password> {
    if std::io::stdin().is_terminal() {
        ask()
    } else {
        read()
    }
}

fn ask() -> anyhow::Result<Password> {
    let prompt = |text| {
        rpassword::prompt_password(text)
            .map(SecretString::from)
            .context("cannot read the password from the terminal")
    };
    let typed = prompt("Password: ")?;
    let password = Password::parse(typed.expose_secret());
    ensure!(password.is_ok(), "the password {InvalidPassword}");
    let repeated = prompt("Repeat the password: ")?;
    ensure!(
        typed.expose_secret() == repeated.expose_secret(),
        "the two passwords differ: try again"
    );
    Ok(password?)
}

fn read() -> anyhow::Result<Password> {
    let mut text = String::new();
    std::io::stdin()
        .take(MAX_INPUT_BYTES + 1)
        .read_to_string(&mut text)
        .context("cannot read the password from standard input")?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| {
        line.strip_suffix('\r').unwrap_or(line)
    });
    let password = Password::parse(line);
    ensure!(
        text.len() as u64 <= MAX_INPUT_BYTES && password.is_ok(),
        "the password on standard input {InvalidPassword}"
    );
    Ok(password?)
}
