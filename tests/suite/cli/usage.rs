//! The command line as people and scripts use it.

use super::company;
use crate::harness::{Binary, TestApp};

#[test]
fn help_and_version_need_no_configuration_and_succeed() {
    let rubrica = Binary::bare();

    for (arguments, words) in [
        (&["--help"][..], "check-config"),
        (&["--version"], env!("CARGO_PKG_VERSION")),
        (&["key", "--help"], "revoke"),
        (&["key", "create", "--help"], "--expires-in <DURATION>"),
        (&["help", "company", "update"], "--phone-conflict"),
    ] {
        let run = rubrica.run(arguments);

        assert!(run.text().contains(words), "{arguments:?}: {run:?}");
    }
}

#[test]
fn a_bad_command_line_is_a_one_line_error_that_names_the_help() {
    let rubrica = Binary::bare();

    for (arguments, words, help) in [
        (&["serv"][..], "'serv'", "`rubrica --help`"),
        (&["serve", "now"], "'now'", "`rubrica serve --help`"),
        (
            &["migrate", "--json"],
            "'--json'",
            "`rubrica migrate --help`",
        ),
        (&["--config"], "'--config <FILE>'", "`rubrica --help`"),
        (
            &["key", "revoke", "x\n\ny"],
            "must be a client id: 12 characters",
            "`rubrica key revoke --help`",
        ),
    ] {
        let run = rubrica.run(arguments);

        assert_eq!(run.status, Some(2), "{arguments:?}");
        assert!(run.error().contains(words), "{arguments:?}: {run:?}");
        assert!(run.error().contains(help), "{arguments:?}: {run:?}");
    }
}

#[test]
fn without_a_command_the_help_goes_to_standard_error() {
    let rubrica = Binary::bare();

    for (arguments, words) in [(&[][..], "check-config"), (&["key"], "revoke")] {
        let run = rubrica.run(arguments);

        assert_eq!(run.status, Some(2), "{run:?}");
        assert_eq!(run.output, "", "{run:?}");
        assert!(run.errors.contains("Usage: rubrica"), "{run:?}");
        assert!(run.errors.contains(words), "{run:?}");
    }
}

#[test]
fn an_unreachable_database_is_a_one_line_error_without_the_password() {
    let rubrica = Binary::without_database()
        .set(
            "RUBRICA__DATABASE__URL",
            "postgres://me:hunter2@127.0.0.1:1/x",
        )
        .set(
            "RUBRICA__DATABASE__MIGRATE_URL",
            "postgres://me:hunter2@127.0.0.1:1/x",
        )
        .set("RUBRICA__DATABASE__DEADLINE", "300ms");

    for arguments in [
        &["migrate"][..],
        &["company", "list"],
        &["company", "create", "Acme"],
        &["key", "list", "--company", "1"],
    ] {
        let run = rubrica.run(arguments);

        assert!(run.error().contains("database"), "{arguments:?}: {run:?}");
        if arguments != ["migrate"] {
            assert!(run.errors.contains("127.0.0.1:1"), "{run:?}");
        }
        assert!(!run.errors.contains("hunter2"), "{run:?}");
    }
}

#[tokio::test]
async fn standard_output_holds_only_the_id_or_the_key() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);

    let run = rubrica.shell(
        r#"
        set -euo pipefail
        COMPANY=$(rubrica company create Acme)
        KEY=$(rubrica key create --company "$COMPANY" --name shop)
        echo "$KEY"
        CLIENT_ID=$(rubrica key list --company "$COMPANY" --json |
            sed 's/.*"clientId":"\([^"]*\)".*/\1/')
        KEY=$(rubrica key rotate "$CLIENT_ID")
        echo "$KEY"
        "#,
    );

    assert_eq!(run.status, Some(0), "{run:?}");
    let keys: Vec<&str> = run.output.lines().collect();
    assert_eq!(keys.len(), 2, "{run:?}");
    for key in keys {
        let answer = app
            .upsert(key, &serde_json::json!({"email": "a@example.com"}))
            .await;
        assert_eq!(answer.status, 200, "{key}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_closed_output_is_a_one_line_error_and_not_a_panic() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    company(&rubrica, "Acme");

    for command in [
        "company list",
        "company list --json",
        "check-config",
        "migrate",
    ] {
        // The reader exits before the program writes.
        let run = rubrica.shell(&format!(
            "(sleep 0.3; rubrica {command}) | true; exit ${{PIPESTATUS[0]}}"
        ));

        assert!(
            run.error().contains("standard output"),
            "{command}: {run:?}"
        );
    }
}

#[tokio::test]
async fn a_whole_key_given_as_a_client_id_is_not_echoed() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let tenant = app.tenant().await;

    for command in ["revoke", "update"] {
        let run = rubrica.run(&["key", command, &tenant.key]);

        let secret = tenant.key.rsplit('-').next().unwrap();
        assert!(!run.error().contains(secret), "{run:?}");
        assert!(run.error().contains("CLIENT_ID"), "{run:?}");
    }
}
