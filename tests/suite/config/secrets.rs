//! Secrets: read from separate files, long enough, and in no message.

use secrecy::ExposeSecret;

use super::{SECRET, complaint, file, load, path};
use crate::harness::Binary;

const OTHER: &str = "a secret that stands in another place";

#[test]
fn every_secret_can_be_read_from_a_file() {
    let (postgres, redis) = (
        file("postgres://file@host/file\n"),
        file("redis://file:1\n"),
    );
    let [token_key, jwt_key, suppression_key] =
        ["token", "session", "suppression"].map(|name| file(&format!("{OTHER}: {name}\n")));

    let settings = load(
        None,
        &[
            ("RUBRICA__DATABASE__URL", ""),
            ("RUBRICA__DATABASE__URL_FILE", path(&postgres)),
            ("RUBRICA__DATABASE__MIGRATE_URL_FILE", path(&postgres)),
            ("RUBRICA__REDIS__URL_FILE", path(&redis)),
            ("RUBRICA__AUTH__TOKEN_KEY", ""),
            ("RUBRICA__AUTH__TOKEN_KEY_FILE", path(&token_key)),
            ("RUBRICA__AUTH__JWT_KEY", ""),
            ("RUBRICA__AUTH__JWT_KEY_FILE", path(&jwt_key)),
            ("RUBRICA__PRIVACY__SUPPRESSION_KEY", ""),
            (
                "RUBRICA__PRIVACY__SUPPRESSION_KEY_FILE",
                path(&suppression_key),
            ),
        ],
    )
    .unwrap();

    let migrate_url = settings.database.migrate_url.unwrap();
    assert_eq!(settings.database.url.config().get_dbname(), Some("file"));
    assert_eq!(migrate_url.config().get_dbname(), Some("file"));
    assert_eq!(
        settings
            .redis
            .url
            .unwrap()
            .connection_info()
            .addr()
            .to_string(),
        "file:1"
    );
    for (list, name) in [
        (&settings.auth.token_key, "token"),
        (&settings.auth.jwt_key, "session"),
        (&settings.privacy.suppression_key, "suppression"),
    ] {
        let expected = format!("{OTHER}: {name}");
        assert_eq!(list.current().expose_secret(), expected);
    }
}

#[test]
fn platform_variables_and_the_configuration_file_may_name_secret_files() {
    let url = file("postgres://file@host/file");
    let secret = file(OTHER);
    let config = file(&format!("[auth]\ntoken_key_file = {:?}\n", path(&secret)));

    let settings = load(
        Some(&config),
        &[
            ("RUBRICA__DATABASE__URL", ""),
            ("DATABASE_URL_FILE", path(&url)),
            ("RUBRICA__AUTH__TOKEN_KEY", ""),
        ],
    )
    .unwrap();

    assert_eq!(settings.database.url.config().get_dbname(), Some("file"));
    assert_eq!(settings.auth.token_key.current().expose_secret(), OTHER);
}

#[test]
fn only_the_trailing_newline_of_a_secret_file_is_removed() {
    for (end, kept) in [
        ("", ""),
        ("\n", ""),
        ("\r\n", ""),
        ("\n\n", "\n"),
        ("\r\n\r\n", "\r\n"),
        (" \n", " "),
        ("\r", "\r"),
    ] {
        let file = file(&format!("{OTHER}{end}"));
        let variables = [
            ("RUBRICA__AUTH__TOKEN_KEY", ""),
            ("RUBRICA__AUTH__TOKEN_KEY_FILE", path(&file)),
        ];

        let settings = load(None, &variables).unwrap();

        let read = settings.auth.token_key.current().expose_secret().to_owned();
        assert_eq!(read, format!("{OTHER}{kept}"), "{end:?}");
    }
}

#[test]
fn a_secret_and_its_file_in_one_layer_are_refused_and_in_two_the_later_wins() {
    let secret = file(OTHER);
    let both = file(&format!(
        "[auth]\ntoken_key = {SECRET:?}\ntoken_key_file = {:?}\n",
        path(&secret)
    ));
    let below = file(&format!("[auth]\ntoken_key = {SECRET:?}\n"));
    let variable = ("RUBRICA__AUTH__TOKEN_KEY_FILE", path(&secret));
    let without = ("RUBRICA__AUTH__TOKEN_KEY", "");

    let in_environment = complaint(None, &[variable]);
    let in_file = complaint(Some(&both), &[without]);
    let in_two = load(Some(&below), &[without, variable]).unwrap();

    assert!(in_environment.contains(variable.0), "{in_environment}");
    assert!(in_file.contains("auth.token_key_file"), "{in_file}");
    assert_eq!(in_two.auth.token_key.current().expose_secret(), OTHER);
}

#[test]
fn an_unreadable_secret_file_is_named_with_its_setting() {
    let complaint = complaint(
        None,
        &[
            ("RUBRICA__AUTH__JWT_KEY", ""),
            ("RUBRICA__AUTH__JWT_KEY_FILE", "/nowhere/key"),
        ],
    );

    assert!(complaint.contains("/nowhere/key"), "{complaint}");
    assert!(
        complaint.contains("RUBRICA__AUTH__JWT_KEY_FILE"),
        "{complaint}"
    );
}

#[test]
fn a_secret_has_32_characters_and_while_it_is_replaced_every_one_of_the_list_has() {
    let (enough, short) = (
        "x123456789".repeat(4),
        "x123456789x123456789x123456789y".to_owned(),
    );
    let umlauts = "äöüßéèçñåø".repeat(4);
    let replaced = format!("{enough},{umlauts},{SECRET}");
    for name in [
        "AUTH__TOKEN_KEY",
        "AUTH__JWT_KEY",
        "PRIVACY__SUPPRESSION_KEY",
    ] {
        let variable = format!("RUBRICA__{name}");

        for good in [&enough, &umlauts] {
            load(None, &[(&variable, good)]).unwrap();
        }
        for bad in [
            short.clone(),
            format!("{enough},{short}"),
            format!("{enough},"),
            format!(",{enough}"),
        ] {
            let complaint = complaint(None, &[(&variable, &bad)]);

            assert!(complaint.contains(&variable), "{complaint}");
            assert!(complaint.contains("32 characters"), "{complaint}");
            assert!(!complaint.contains(&short), "{complaint}");
        }
    }

    let list = load(None, &[("RUBRICA__AUTH__TOKEN_KEY", &replaced)])
        .unwrap()
        .auth
        .token_key;
    let retired: Vec<_> = list
        .retired()
        .iter()
        .map(ExposeSecret::expose_secret)
        .collect();
    assert_eq!(list.current().expose_secret(), enough);
    assert_eq!(retired, [umlauts.as_str(), SECRET]);
}

#[test]
fn a_secret_that_anybody_could_guess_is_refused() {
    for name in [
        "AUTH__TOKEN_KEY",
        "AUTH__JWT_KEY",
        "PRIVACY__SUPPRESSION_KEY",
    ] {
        let variable = format!("RUBRICA__{name}");
        let retired = format!("{OTHER},{}", "b".repeat(64));
        for secret in ["a".repeat(32), "abcdefghi".repeat(8), retired] {
            let complaint = complaint(None, &[(&variable, &secret)]);

            assert!(complaint.contains(&variable), "{complaint}");
            assert!(complaint.contains("10 different characters"), "{complaint}");
            assert!(!complaint.contains(&secret), "{complaint}");
        }
    }
}

#[test]
fn a_secret_that_is_set_twice_is_refused() {
    for (name, setting, secret) in [
        ("AUTH__JWT_KEY", "auth.jwt_key", SECRET.to_owned()),
        (
            "PRIVACY__SUPPRESSION_KEY",
            "privacy.suppression_key",
            SECRET.to_owned(),
        ),
        (
            "PRIVACY__SUPPRESSION_KEY",
            "privacy.suppression_key",
            format!("{OTHER},{SECRET}"),
        ),
        (
            "AUTH__TOKEN_KEY",
            "auth.token_key",
            format!("{OTHER},{OTHER}"),
        ),
    ] {
        let variable = format!("RUBRICA__{name}");

        let complaint = complaint(None, &[(&variable, &secret)]);

        assert!(complaint.contains(setting), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(!complaint.contains(SECRET), "{complaint}");
        assert!(!complaint.contains(OTHER), "{complaint}");
    }
}

#[test]
fn development_secrets_are_reported_when_the_service_is_reachable_from_outside() {
    let known = [
        ("TOKEN_KEY", "development-only-token-key-0000000"),
        ("JWT_KEY", "development-only-jwt-key-000000000"),
    ]
    .map(|(name, secret)| (format!("RUBRICA__AUTH__{name}"), secret));
    for (listen, warnings) in [("0.0.0.0:0", 2), ("192.0.2.1:1", 2), ("127.0.0.1:0", 0)] {
        let mut rubrica = Binary::without_database().set("RUBRICA__HTTP__LISTEN", listen);
        for (name, secret) in &known {
            rubrica = rubrica.set(name, *secret);
        }

        let run = rubrica.run(&["check-config"]);

        assert_eq!(run.status, Some(0), "{run:?}");
        assert_eq!(run.errors.lines().count(), warnings, "{run:?}");
        for line in run.errors.lines() {
            assert!(line.contains("warning: auth."), "{line}");
            assert!(!line.contains("development-only"), "{line}");
        }
    }
}

#[test]
fn no_error_message_contains_a_secret() {
    let digits = "12345678901234567";
    for (content, secret) in [
        (format!("[auth]\ntoken_key = {digits}\n"), digits),
        (format!("[auth]\ntoken_key = {digits}.5\n"), digits),
        (format!("[auth]\ntoken_key = [\"{OTHER}\"]\n"), OTHER),
        (format!("[auth]\ntoken_key = {OTHER}\n"), OTHER),
        (format!("[auth]\ntoken_key = \"{OTHER}\n"), OTHER),
        (format!("[auth]\ntoken_key = \"\"\"{OTHER}\n"), OTHER),
        (format!("token_key = \"{OTHER}\"\n"), OTHER),
        ("[auth]\ntoken_key = \"hunter2\"\n".to_owned(), "hunter2"),
        (
            "[database]\nurl = \"postgres://me:hunter2@h:port/d\"\n".to_owned(),
            "hunter2",
        ),
        (
            "[database]\nurl = \"host=h password=hunter2 port=x\"\n".to_owned(),
            "hunter2",
        ),
        (
            "[database]\nurl = \"password='hunter2\"\n".to_owned(),
            "hunter2",
        ),
        (
            "[database]\nurl = \"postgres://h/d?passwort=hunter2\"\n".to_owned(),
            "hunter2",
        ),
        (
            "[database]\nmigrate_url = \"postgres://h/d?passwort=hunter2\"\n".to_owned(),
            "hunter2",
        ),
        (
            "[redis]\nurl = \"redis://:hunter2@h:port\"\n".to_owned(),
            "hunter2",
        ),
        (
            "[redis]\nurl = \"rediss//:hunter2@h\"\n".to_owned(),
            "hunter2",
        ),
    ] {
        let file = file(&content);
        let variables = [
            ("RUBRICA__AUTH__TOKEN_KEY", ""),
            ("RUBRICA__DATABASE__URL", ""),
        ];

        let complaint = complaint(Some(&file), &variables);

        assert!(!complaint.contains(secret), "{content}: {complaint}");
    }
}
