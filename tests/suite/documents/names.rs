//! Settings and targets of the Makefile that the documents name exist.

use std::collections::BTreeSet;

use rubrica::config::FORMER_NAMES;

use super::paths::ENDINGS;
use super::{Document, check, documents, sample};
use crate::config::{described_settings, former_names_of};

const MAKEFILE: &str = include_str!("../../../Makefile");
/// The one document that names former names of settings.
const CONFIGURATION: &str = "docs/operations/configuration.md";
const VARIABLE: &str = "RUBRICA__";
/// Objects of JSON whose members are written like settings.
const OBJECTS: [&str; 4] = ["details", "consent", "admin.sign_in_limited", "statements"];
/// What stands for any variable.
const ANY_VARIABLE: &str = "RUBRICA__SECTION__KEY";

/// Whether a text is written as a setting: two words in lower case with a dot between.
fn is_setting(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let object = text.split('.').next().unwrap_or_default();
    let is_file = text
        .rsplit_once('.')
        .is_some_and(|(_, ending)| ENDINGS.contains(&ending));
    text.split('.').count() == 2
        && text.split('.').all(is_word)
        && !OBJECTS.contains(&object)
        && !OBJECTS.contains(&text)
        && !is_file
}

/// The settings that a document names as variables of the environment.
fn variables(text: &str) -> BTreeSet<String> {
    let is_part = |character: char| character.is_ascii_uppercase() || character == '_';
    text.match_indices(VARIABLE)
        .map(|(start, _)| {
            let rest = &text[start..];
            let end = rest.find(|character| !is_part(character));
            rest[..end.unwrap_or(rest.len())].to_owned()
        })
        .filter(|variable| variable != ANY_VARIABLE)
        .collect()
}

fn setting_of(variable: &str) -> String {
    let name = variable.trim_start_matches(VARIABLE).to_lowercase();
    name.replace("__", ".").trim_end_matches("_file").to_owned()
}

fn unknown_settings(document: &Document, settings: &BTreeSet<String>) -> Vec<String> {
    let sections: BTreeSet<&str> = settings
        .iter()
        .filter_map(|setting| setting.split('.').next())
        .collect();
    let code = document.code.iter().map(String::as_str);
    let section = |code: &str| {
        let name = code.strip_prefix('[')?.strip_suffix(']')?;
        let is_word = name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        (is_word && !name.is_empty() && !sections.contains(name)).then(|| code.to_owned())
    };
    let unknown = code.filter_map(|code| {
        let is_unknown = is_setting(code) && !settings.contains(code);
        is_unknown
            .then(|| code.to_owned())
            .or_else(|| section(code))
    });
    let variables = variables(&document.text).into_iter();
    let unknown = unknown.chain(variables.filter(|it| !settings.contains(&setting_of(it))));
    unknown
        .map(|name| format!("{name} is no setting"))
        .collect()
}

fn targets() -> BTreeSet<&'static str> {
    let rules = MAKEFILE.lines().filter(|line| line.contains(" ## "));
    let targets = rules.filter_map(|line| line.split_once(':'));
    targets.map(|(target, _)| target).collect()
}

/// The targets that a document makes.
fn made(document: &Document) -> impl Iterator<Item = &str> {
    let code = document.code.iter().chain(&document.commands);
    code.filter_map(|code| code.strip_prefix("make ")?.split_whitespace().next())
}

#[test]
fn every_setting_that_a_document_names_exists() {
    let settings: BTreeSet<String> = described_settings().into_keys().collect();
    let mut with_former = former_names_of(settings.iter());
    with_former.extend(settings.iter().cloned());
    check(|document| {
        let known = if document.name == CONFIGURATION {
            &with_former
        } else {
            &settings
        };
        unknown_settings(document, known)
    });
}

#[test]
fn every_former_name_is_documented() {
    let documents = documents();
    let mut guide = documents.iter().filter(|it| it.name == CONFIGURATION);
    let guide = guide.next().expect("the guide to the configuration");

    for (former, current) in FORMER_NAMES {
        let line = guide.text.lines().find(|line| {
            line.starts_with(&format!("| `{former}`")) && line.contains(&format!("`{current}`"))
        });
        assert!(line.is_some(), "{former} is now {current}");
    }
}

#[test]
fn every_target_that_a_document_makes_exists_and_each_is_described() {
    let targets = targets();
    assert!(targets.len() > 10);
    check(|document| {
        let unknown = made(document).filter(|target| !targets.contains(target));
        unknown
            .map(|it| format!("make {it} does not exist"))
            .collect()
    });

    let documents = documents();
    let guide = documents.iter().find(|it| it.name == "docs/development.md");
    let mut described: BTreeSet<&str> = guide.iter().flat_map(|guide| made(guide)).collect();
    described.insert("help");
    assert_eq!(described, targets);
}

#[test]
fn a_setting_that_does_not_exist_is_found() {
    let settings = described_settings().into_keys().collect();
    let document = sample(
        "`http.listen` `[fair_share]` `details.bound` `auth.rs` RUBRICA__AUTH__TOKEN_KEY_FILE \
         `http.lisen` `htp.listen` `[fair_shares]` RUBRICA__AUTH__TOKEN",
    );

    let unknown = unknown_settings(&document, &settings);

    let names = [
        "http.lisen",
        "htp.listen",
        "[fair_shares]",
        "RUBRICA__AUTH__TOKEN",
    ];
    assert_eq!(unknown, names.map(|name| format!("{name} is no setting")));
}

#[test]
fn a_target_that_does_not_exist_is_found() {
    let document = sample("`make nothing`\n\n```sh\nmake run  # comment\n```\n");

    let made: Vec<&str> = made(&document).collect();

    assert_eq!(made, ["nothing", "run"]);
    assert!(!targets().contains("nothing"));
    assert!(targets().contains("run"));
}
