//! Paths and files that the documents name are in the repository. A path may begin at any directory, as a
//! guide to one directory writes it.

use std::collections::BTreeSet;

use super::{Document, NOT_OURS, check, repository, sample};

/// What is written with a slash and is no path of the repository.
const NOT_PATHS: [&str; 2] = ["application/", "secrets/"];
/// How the names of files end that are looked up without a path.
pub(super) const ENDINGS: [&str; 10] = [
    "md", "toml", "yaml", "env", "rs", "sql", "py", "json", "lua", "sh",
];
/// Whether a text is written as a path: segments of plain characters. A quota such as `600/60s` is none,
/// and neither is a label of Kubernetes such as `kubernetes.io/hostname`.
fn is_path(text: &str) -> bool {
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "._-/".contains(character);
    let first = text.split('/').next().unwrap_or_default();
    text.contains('/')
        && first.rfind('.').is_none_or(|dot| dot == 0)
        && !NOT_OURS.contains(&first)
        && text.chars().all(is_plain)
        && text.starts_with(|first: char| first.is_ascii_lowercase() || first == '.')
        && !NOT_PATHS.iter().any(|prefix| text.starts_with(prefix))
}

fn is_file_name(text: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending);
    text.chars().all(is_plain) && ENDINGS.contains(&ending)
}

/// The words of a command that are paths below a directory of the repository.
fn paths_of_commands<'a>(
    document: &'a Document,
    files: &'a BTreeSet<String>,
) -> impl Iterator<Item = &'a str> {
    let words = document.commands.iter().flat_map(|line| line.split(' '));
    words.filter(|word| {
        let first = word.split('/').next().unwrap_or_default();
        is_path(word) && files.contains(first) && !word.contains("YOURS")
    })
}

fn faults(document: &Document, files: &BTreeSet<String>) -> Vec<String> {
    let names: BTreeSet<&str> = files
        .iter()
        .filter_map(|path| path.rsplit('/').next())
        .collect();
    let exists = |path: &str| {
        let path = path.trim_end_matches('/');
        let inner = format!("/{path}");
        files
            .iter()
            .any(|file| file == path || file.ends_with(&inner))
    };
    let code = document.code.iter().map(String::as_str);
    let missing = code
        .filter(|code| {
            (is_path(code) && !exists(code)) || (is_file_name(code) && !names.contains(code))
        })
        .chain(paths_of_commands(document, files).filter(|path| !exists(path)));
    missing
        .map(|path| format!("{path} is not in the repository"))
        .collect()
}

#[test]
fn every_path_that_a_document_names_exists() {
    let files = repository();
    check(|document| faults(document, &files));
}

#[test]
fn a_path_that_does_not_exist_is_found() {
    let document = sample(
        "`src/lib.rs` `base/service.yaml` `Cargo.toml` `application/json` `600/60s` `/livez` `kubernetes.io/hostname` \
         `src/nothing.rs` `sorce/lib.rs` `nothing.yaml`\n\n```sh\ncat k8s/nothing.yaml k8s/README.md\n```\n",
    );

    let faults = faults(&document, &repository());

    let missing = [
        "src/nothing.rs",
        "sorce/lib.rs",
        "nothing.yaml",
        "k8s/nothing.yaml",
    ];
    assert_eq!(
        faults,
        missing.map(|path| format!("{path} is not in the repository"))
    );
}
