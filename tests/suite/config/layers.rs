//! Later layers override earlier ones: defaults, a file, the platform's variables, `RUBRICA__` variables.

use super::{NEEDED, complaint, file, load, path};
use crate::harness::Binary;

#[test]
fn the_defaults_are_those_of_the_contract() {
    let settings = load(None, &[]).unwrap();

    let shown = toml::Table::try_from(&settings).unwrap();
    for (section, key, value) in [
        ("http", "listen", "0.0.0.0:8080"),
        ("ops", "listen", "0.0.0.0:9090"),
        ("database", "max_connections", "16"),
        ("rate_limit", "limit", "600"),
        ("rate_limit", "window", "1m"),
        ("rate_limit", "on_redis_failure", "local"),
        ("rate_limit", "replicas", "1"),
    ] {
        let shown = shown[section][key].to_string();
        assert_eq!(shown.trim_matches('"'), value, "{section}.{key}");
    }
    assert!(settings.redis.url.is_none());
    assert!(settings.database.migrate_url.is_none());
    assert!(settings.http.tls_certificate.is_none());
}

#[test]
fn a_file_overrides_the_defaults_and_a_variable_the_file() {
    let file = file("[rate_limit]\nlimit = 7\nreplicas = 3\n[log]\nlevel = \"warn\"\n");

    let settings = load(Some(&file), &[("RUBRICA__RATE_LIMIT__LIMIT", "8")]).unwrap();

    assert_eq!(settings.rate_limit.key.limit(), 8);
    assert_eq!(settings.rate_limit.replicas.get(), 3);
    assert_eq!(settings.log.level, "warn");
    assert_eq!(settings.ops.listen.port(), 9090);
}

#[test]
fn the_platforms_urls_override_the_file_and_ours_override_them() {
    let file = file(
        "[database]\nurl = \"postgres://file@host/file\"\n[redis]\nurl = \"redis://file:1\"\n",
    );
    let platform = [
        ("DATABASE_URL", "postgres://platform@host/platform"),
        ("REDIS_URL", "redis://platform:1"),
    ];
    let own = [
        ("RUBRICA__DATABASE__URL", "postgres://own@host/own"),
        ("RUBRICA__REDIS__URL", "redis://own:1"),
    ];
    let none = [("RUBRICA__DATABASE__URL", "")];

    for (variables, name) in [
        (none.to_vec(), "file"),
        ([&none[..], &platform].concat(), "platform"),
        ([&platform[..], &own].concat(), "own"),
    ] {
        let settings = load(Some(&file), &variables).unwrap();

        let redis = settings.redis.url.expect("a URL");
        assert_eq!(settings.database.url.config().get_dbname(), Some(name));
        assert_eq!(
            redis.connection_info().addr().to_string(),
            format!("{name}:1")
        );
    }
}

#[test]
fn the_file_is_named_by_the_option_or_else_by_a_variable() {
    let (one, other) = (
        file("[log]\nlevel = \"warn\"\n"),
        file("[log]\nlevel = \"error\"\n"),
    );
    let plain = Binary::without_database();
    let by_variable = plain.clone().set("RUBRICA_CONFIG", path(&other));

    for (rubrica, arguments, level) in [
        (&plain, &["check-config"][..], "info"),
        (&plain, &["check-config", "--config", path(&one)], "warn"),
        (&plain, &["--config", path(&one), "check-config"], "warn"),
        (&by_variable, &["check-config"], "error"),
        (
            &by_variable,
            &["check-config", "--config", path(&one)],
            "warn",
        ),
    ] {
        let shown = rubrica.run(arguments);

        let line = format!("level = \"{level}\"");
        assert!(shown.text().contains(&line), "{arguments:?}: {shown:?}");
    }
}

#[test]
fn a_file_that_cannot_be_used_is_named() {
    let plain = Binary::without_database();
    let broken = file("[http\n");
    let flat = file("listen = 1\n");
    let date = file("[http]\nlisten = 2026-01-01\n");

    for name in [
        "/nowhere/rubrica.toml",
        path(&broken),
        path(&flat),
        path(&date),
    ] {
        for rubrica in [
            plain.run(&["check-config", "--config", name]),
            plain
                .clone()
                .set("RUBRICA_CONFIG", name)
                .run(&["check-config"]),
        ] {
            assert!(rubrica.error().contains(name), "{rubrica:?}");
        }
    }
}

#[test]
fn an_unknown_key_is_refused_and_named_with_its_origin() {
    for (content, key) in [
        ("[http]\nlistne = \"0.0.0.0:1\"\n", "http.listne"),
        ("[htpp]\nlisten = \"0.0.0.0:1\"\n", "htpp"),
        ("[auth]\ntoken_keys = \"x\"\n", "auth.token_keys"),
        ("[log]\nlevel_file = \"x\"\n", "log.level_file"),
    ] {
        let file = file(content);

        let complaint = complaint(Some(&file), &[]);

        assert!(complaint.contains(key), "{complaint}");
        assert!(complaint.contains(path(&file)), "{complaint}");
    }

    for variable in [
        "RUBRICA__HTTP__LISTNE",
        "RUBRICA__HTPP__LISTEN",
        "RUBRICA__LISTEN",
        "RUBRICA__HTTP",
        "RUBRICA__HTTP__LISTEN__PORT",
        "RUBRICA__LOG__LEVEL_FILE",
        "RUBRICA__",
    ] {
        let complaint = complaint(None, &[(variable, "1")]);

        assert!(complaint.contains(variable), "{variable}: {complaint}");
    }
}

#[test]
fn variables_that_kubernetes_injects_are_none_of_ours() {
    let injected = [
        ("RUBRICA_SERVICE_HOST", "10.0.0.1"),
        ("RUBRICA_SERVICE_PORT", "8080"),
        ("RUBRICA_PORT", "tcp://10.0.0.1:8080"),
        ("RUBRICA_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("RUBRICA_HTTP__LISTEN", "nonsense"),
    ];

    let settings = load(None, &injected).unwrap();

    assert_eq!(settings.http.listen.port(), 8080);
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let settings = load(None, &[("RUBRICA__HTTP__LISTEN", ""), ("REDIS_URL", "")]).unwrap();

    assert_eq!(settings.http.listen.port(), 8080);
    assert!(settings.redis.url.is_none());
}

#[test]
fn missing_required_settings_are_named() {
    for (variable, key) in [
        (NEEDED[0].0, "database.url"),
        (NEEDED[1].0, "auth.token_key"),
        (NEEDED[2].0, "auth.jwt_key"),
        (NEEDED[3].0, "privacy.suppression_key"),
    ] {
        let complaint = complaint(None, &[(variable, "")]);

        assert!(complaint.contains(key), "{complaint}");
    }
}
