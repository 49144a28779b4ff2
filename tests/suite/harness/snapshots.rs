//! Whole bodies, compared with the files in `tests/suite/snapshots`.
//!
//! A test fails if a body differs from its file or has none. `INSTA_UPDATE=always cargo test` updates the
//! files: review the difference before you commit it.

use insta::Settings;
use serde::Serialize;

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/snapshots");

/// Patterns of values that differ between runs, and their placeholders.
const REDACTED: [(&str, &str); 11] = [
    // Timestamps of the examples are in the 22nd century.
    (
        r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)",
        "[timestamp]",
    ),
    (
        r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
        "[request id]",
    ),
    (r"mn-[a-z0-9]{12}-[A-Za-z0-9]+", "[API key]"),
    (
        r#""(clientId|replacedBy)": "[a-z0-9]{12}""#,
        r#""$1": "[client id]""#,
    ),
    (r#""key:[a-z0-9]{12}""#, r#""key:[client id]""#),
    (
        r#""accessToken": "[^"]+""#,
        r#""accessToken": "[access token]""#,
    ),
    (
        r#""(refresh|invitation)Token": "[0-9a-f]+""#,
        r#""${1}Token": "[token]""#,
    ),
    (r#""expiresIn": \d+"#, r#""expiresIn": "[seconds]""#),
    (
        r#""retryAfterSeconds": \d+"#,
        r#""retryAfterSeconds": "[seconds]""#,
    ),
    // Each migration increases it.
    (r"(version|needs) \d+", "$1 [number]"),
    (r"wait \d+ s", "wait [seconds] s"),
];

/// Compares a body with `tests/suite/snapshots/<name>.snap`.
#[track_caller]
pub fn assert_snapshot(name: &str, body: &impl Serialize) {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(DIRECTORY);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (pattern, replacement) in REDACTED {
        settings.add_filter(pattern, replacement);
    }
    // Not insta's own JSON, which shows how serde_json marks numbers of arbitrary precision.
    let text = serde_json::to_string_pretty(body).expect("a body is JSON");
    settings.bind(|| insta::assert_snapshot!(name, text));
}
