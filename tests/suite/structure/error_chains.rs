//! An error's text leaves out its source: whoever prints the chain would print the cause twice.

use super::{directory, files};

const ERROR: &str = "#[error(";

/// Whether the text of a variant repeats its source. `variant` begins after `#[error(`.
fn repeats_its_source(variant: &str) -> bool {
    let (text, fields) = variant.split_once(")]").unwrap_or((variant, ""));
    let fields = fields.split("\n}").next().unwrap_or_default();
    let has_source = ["#[from]", "#[source]", " source:"];
    let has_source = has_source.iter().any(|mark| fields.contains(mark));
    has_source && ["{0", "{source"].iter().any(|name| text.contains(name))
}

#[test]
fn no_error_repeats_its_cause() {
    for (file, text) in files(&directory("src"), "rs") {
        for variant in text.split(ERROR).skip(1) {
            assert!(!repeats_its_source(variant), "{file}: {variant:.80}");
        }
    }
}

#[test]
fn an_error_that_repeats_its_cause_is_found() {
    let named =
        "\"cannot read {path}: {source}\")]\n    Unreadable {\n        source: Error,\n    },";
    let unnamed = "\"{0}: wait\")]\n    BoundReached(#[from] BoundReached),";
    let transparent = "transparent)]\n    Store(#[from] StoreError),";
    let alone = "\"the issuer: {0}\")]\n    Issuer(String),";

    assert!(repeats_its_source(named));
    assert!(repeats_its_source(unnamed));
    assert!(!repeats_its_source(transparent));
    assert!(!repeats_its_source(alone));
}
