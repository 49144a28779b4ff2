//! The configuration: where settings come from, which values they accept, and what is printed of them.

mod check_config;
mod documentation;
mod former_names;
mod layers;
mod secrets;
mod values;

pub use documentation::described as described_settings;
pub use former_names::former_names_of;

use std::collections::BTreeMap;
use std::io::Write;

use rubrica::config::Settings;
use tempfile::NamedTempFile;

/// Any text that is long enough for a secret.
const SECRET: &str = "0123456789 is a secret of 36 letters";

const SESSION_SECRET: &str = "a session secret that is long enough";
const SUPPRESSION_SECRET: &str = "a suppression secret that is long enough";

/// The required variables.
const NEEDED: [(&str, &str); 4] = [
    (
        "RUBRICA__DATABASE__URL",
        "postgres://rubrica@localhost/rubrica",
    ),
    ("RUBRICA__AUTH__TOKEN_KEY", SECRET),
    ("RUBRICA__AUTH__JWT_KEY", SESSION_SECRET),
    ("RUBRICA__PRIVACY__SUPPRESSION_KEY", SUPPRESSION_SECRET),
];

/// Loads the required variables and some more. An empty variable counts as not set.
fn load(file: Option<&NamedTempFile>, variables: &[(&str, &str)]) -> Result<Settings, String> {
    let all: BTreeMap<String, String> = NEEDED
        .iter()
        .chain(variables)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Settings::load(file.map(NamedTempFile::path), all).map_err(|error| error.to_string())
}

/// The error of loading these variables.
#[track_caller]
fn complaint(file: Option<&NamedTempFile>, variables: &[(&str, &str)]) -> String {
    match load(file, variables) {
        Ok(_) => panic!("{variables:?} was accepted"),
        Err(complaint) => complaint,
    }
}

/// A file with this content.
fn file(content: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(content.as_bytes()).expect("it is written");
    file
}

/// The path of a file, as text.
fn path(file: &NamedTempFile) -> &str {
    file.path().to_str().expect("a path of text")
}
