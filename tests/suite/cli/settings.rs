//! A command asks only for the settings that it uses.

use super::{company, key, text};
use crate::harness::{Binary, PASSWORD, Run, TestApp};

const URL: &str = "RUBRICA__DATABASE__URL";
const MIGRATE_URL: &str = "RUBRICA__DATABASE__MIGRATE_URL";
const TOKEN_KEY: &str = "RUBRICA__AUTH__TOKEN_KEY";
const JWT_KEY: &str = "RUBRICA__AUTH__JWT_KEY";
const SUPPRESSION_KEY: &str = "RUBRICA__PRIVACY__SUPPRESSION_KEY";

/// What each command reads besides the database.
const COMMANDS: [(&[&str], bool); 13] = [
    (&["company", "create", "Zenith"], false),
    (&["company", "update", "1", "--name", "Acme"], false),
    (&["company", "list"], false),
    (&["key", "create", "--company", "1", "--name", "shop"], true),
    (&["key", "list", "--company", "1"], false),
    (&["key", "usage", "CLIENT"], false),
    (&["key", "update", "CLIENT", "--name", "web"], false),
    (&["key", "rotate", "CLIENT"], true),
    (&["key", "revoke", "CLIENT"], false),
    (&["admin", "create", "--email", "b@example.com"], false),
    (&["admin", "list"], false),
    (
        &["admin", "reset-password", "--email", "a@example.com"],
        false,
    ),
    (
        &["admin", "forget-identity", "--email", "a@example.com"],
        false,
    ),
];

fn run(rubrica: &Binary, arguments: &[&str], client: &str) -> Run {
    let arguments: Vec<&str> = arguments
        .iter()
        .map(|argument| {
            if *argument == "CLIENT" {
                client
            } else {
                argument
            }
        })
        .collect();
    rubrica.run_with_input(&arguments, PASSWORD)
}

#[tokio::test]
async fn administrative_commands_need_the_database_and_creating_keys_needs_the_token_key() {
    let app = TestApp::start().await;
    let full = Binary::of(&app);
    let company = company(&full, "Acme");
    let client = key(&full, &company, &[])["clientId"].clone();
    let client = text(&client);
    full.run_with_input(&["admin", "create", "--email", "a@example.com"], PASSWORD)
        .text();
    let least = full.clone().unset(JWT_KEY).unset(SUPPRESSION_KEY);
    let less = least.clone().unset(TOKEN_KEY);

    for (arguments, issues_key) in COMMANDS {
        if issues_key {
            let refused = run(&less, arguments, client);
            assert!(refused.error().contains("auth.token_key"), "{refused:?}");
            assert!(!refused.errors.contains("auth.jwt_key"), "{refused:?}");
        }
        let rubrica = if issues_key { &least } else { &less };

        let done = run(rubrica, arguments, client);

        assert_eq!(done.status, Some(0), "{arguments:?}: {done:?}");
        let refused = run(&rubrica.clone().unset(URL), arguments, client);
        assert!(refused.error().contains("database.url"), "{refused:?}");
    }
}

#[tokio::test]
async fn migrate_needs_only_the_database() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app)
        .unset(TOKEN_KEY)
        .unset(JWT_KEY)
        .unset(SUPPRESSION_KEY)
        .unset("RUBRICA__REDIS__URL");
    let url = app.variables[MIGRATE_URL].clone();
    let by_migrate_url = rubrica.clone().unset(URL).set(MIGRATE_URL, &*url);
    let by_url = rubrica.clone().unset(MIGRATE_URL).set(URL, url);

    for rubrica in [&by_migrate_url, &by_url] {
        let run = rubrica.run(&["migrate"]);
        assert!(run.text().contains("the schema is at version"), "{run:?}");
    }
    let neither = by_url.unset(URL).run(&["migrate"]);
    assert!(neither.error().contains("database.url"), "{neither:?}");
}

#[tokio::test]
async fn a_secret_file_that_a_command_does_not_use_is_not_read() {
    let app = TestApp::start().await;
    let nowhere = "/nowhere/secret";
    let file = |name: &str| format!("{name}_FILE");
    let rubrica = Binary::of(&app)
        .unset(JWT_KEY)
        .unset(SUPPRESSION_KEY)
        .set(&file(JWT_KEY), nowhere)
        .set(&file(SUPPRESSION_KEY), nowhere);

    rubrica.run(&["migrate"]).text();
    rubrica.run(&["company", "list"]).text();
    for command in ["check-config", "serve"] {
        let run = rubrica.run(&[command]);
        assert!(run.error().contains(nowhere), "{run:?}");
        let causes = run.error().matches("No such file").count();
        assert_eq!(causes, 1, "{run:?}");
    }
}

#[test]
fn check_config_and_serve_name_all_missing_secrets() {
    for command in ["check-config", "serve"] {
        let run = Binary::bare().run(&[command]);

        for key in [
            "database.url",
            "auth.token_key",
            "auth.jwt_key",
            "privacy.suppression_key",
        ] {
            assert!(run.error().contains(key), "{key}: {run:?}");
        }
        assert!(run.errors.contains("openssl rand -hex 32"), "{run:?}");
    }
}

#[test]
fn every_command_names_a_wrong_setting() {
    let rubrica = Binary::without_database();

    for (variable, value) in [
        ("RUBRICA__HTTP__LISTNE", "0.0.0.0:1"),
        ("RUBRICA__AUTH__JWT_KEY", "short"),
        ("RUBRICA__LOG__FORMAT", "xml"),
    ] {
        for arguments in [&["migrate"][..], &["company", "list"], &["check-config"]] {
            let run = rubrica.clone().set(variable, value).run(arguments);

            assert!(run.error().contains(variable), "{arguments:?}: {run:?}");
        }
    }
}
