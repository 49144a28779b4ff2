//! `rubrica key …`: refused changes.

use super::{company, key, text};
use crate::harness::{Binary, TestApp};

const UNKNOWN: &str = "aaaaaaaaaaaa";

#[tokio::test]
async fn a_refused_change_of_a_key_is_a_one_line_error_with_the_reason() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let client = key(&rubrica, &company, &[])["clientId"].clone();
    let client = text(&client);
    let create = ["create", "--company", &company, "--name", "shop"];
    let with = |options: &[&'static str]| [&create, options].concat();
    let before = rubrica
        .run(&["key", "list", "--company", &company, "--json"])
        .json();

    for (arguments, words) in [
        (vec!["create", "--name", "shop"], "--company <ID>"),
        (vec!["create", "--company", &company], "--name <NAME>"),
        (
            vec!["create", "--company", "99", "--name", "shop"],
            "there is no company 99",
        ),
        (
            vec!["create", "--company", "Acme", "--name", "shop"],
            "--company <ID>",
        ),
        (
            vec!["create", "--company", &company, "--name", ""],
            "--name <NAME>",
        ),
        (with(&["--scope", "contacts:delete"]), "contacts:delete"),
        (with(&["--scope", ""]), "--scope"),
        (with(&["--rate-limit", "default"]), "--rate-limit <LIMIT>"),
        (with(&["--rate-limit=-1/60s"]), "--rate-limit"),
        (with(&["--rate-limit", "1/0s"]), "--rate-limit"),
        (with(&["--rate-limit", "1000000001/60s"]), "--rate-limit"),
        (with(&["--expires-in", "soon"]), "--expires-in <DURATION>"),
        (with(&["--expires-in", "0s"]), "--expires-in"),
        (with(&["--expires-in", "101years"]), "--expires-in"),
        (vec!["list"], "--company <ID>"),
        (vec!["list", "--company", "99"], "there is no company 99"),
        (vec!["update", client], "nothing to change"),
        (
            vec!["update", UNKNOWN, "--rate-limit", "1/1s"],
            "there is no key aaaaaaaaaaaa",
        ),
        (
            vec!["update", client, "--rate-limit", "fast"],
            "--rate-limit",
        ),
        (vec!["update", client, "--scope", "all"], "--scope"),
        (vec!["revoke", UNKNOWN], "there is no key aaaaaaaaaaaa"),
        (vec!["revoke", "x"], "<CLIENT_ID>"),
        (vec!["revoke"], "<CLIENT_ID>"),
    ] {
        let run = rubrica.run(&[&["key"], arguments.as_slice()].concat());

        assert!(run.error().contains(words), "{arguments:?}: {run:?}");
    }
    let after = rubrica
        .run(&["key", "list", "--company", &company, "--json"])
        .json();
    assert_eq!(after, before);
}
