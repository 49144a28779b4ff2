//! Rules about the code and the schema.

mod admin_plans;
mod circles;
mod error_chains;
mod functions;
mod modules;
mod plans;

mod routes;
mod schema;
mod statements;

use std::fs;
use std::path::{Path, PathBuf};

/// A directory of the repository.
fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files with this ending below a directory: path from there, and content.
fn files(directory: &Path, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == ending)
            {
                let name = path
                    .strip_prefix(directory)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                found.push((name, fs::read_to_string(&path).expect("a text")));
            }
        }
    }
    assert!(!found.is_empty(), "{}", directory.display());
    found.sort();
    found
}
