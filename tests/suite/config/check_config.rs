//! `rubrica check-config`: the effective values, without secrets.

use super::{SECRET, file};
use crate::harness::{Binary, TestApp};

#[test]
fn it_prints_the_effective_values_as_toml() {
    let file = file("[rate_limit]\nlimit = 7\n");
    let rubrica = Binary::without_database()
        .set("RUBRICA_CONFIG", super::path(&file))
        .set("RUBRICA__LOG__LEVEL", "warn");

    let run = rubrica.run(&["check-config"]);

    let shown: toml::Table = run.text().parse().expect("TOML");
    assert_eq!(shown["rate_limit"]["limit"].as_integer(), Some(7));
    assert_eq!(shown["log"]["level"].as_str(), Some("warn"));
    assert_eq!(shown["database"]["max_connections"].as_integer(), Some(16));
    assert_eq!(shown["http"]["keep_alive"].as_str(), Some("1m 15s"));
}

#[test]
fn secrets_and_the_passwords_in_urls_are_masked() {
    let secrets = ["hunter2", SECRET, "OTHER SECRET, WHICH IS BEING REPLACED"];
    let keys = format!("{SECRET},OTHER SECRET; WHICH IS BEING REPLACED");
    for (database, redis) in [
        (
            "postgres://me:hunter2@db.example:6432/d",
            "redis://me:hunter2@cache.example:6379/3",
        ),
        (
            "postgres://me@db.example:6432/d?password=hunter2",
            "redis://:hunter2@cache.example/3",
        ),
        (
            "host=db.example port=6432 user=me password=hunter2 dbname=d",
            "rediss://:hunter2@cache.example/3",
        ),
        (
            "host=db.example port=6432 user=me password='hunter2' dbname=d",
            "redis+unix:///cache.example?db=3&pass=hunter2",
        ),
    ] {
        let rubrica = Binary::without_database()
            .set("RUBRICA__DATABASE__URL", database)
            .set("RUBRICA__DATABASE__MIGRATE_URL", database)
            .set("RUBRICA__DATABASE__CONNECT_TIMEOUT", "1ms")
            .set("RUBRICA__REDIS__URL", redis)
            .set("RUBRICA__AUTH__TOKEN_KEY", &keys);

        let run = rubrica.run(&["check-config"]);

        let shown: toml::Table = run.text().parse().expect("TOML");
        for secret in secrets {
            assert!(!run.output.contains(secret), "{secret} in {run:?}");
        }
        for url in ["url", "migrate_url"] {
            let url = shown["database"][url].as_str().unwrap();
            assert_eq!(url, "postgres://me:***@db.example:6432/d");
        }
        let redis_shown = shown["redis"]["url"].as_str().unwrap();
        assert!(redis_shown.contains("cache.example"), "{redis_shown}");
        assert_eq!(
            redis.starts_with("rediss:"),
            redis_shown.starts_with("rediss:")
        );
        assert_eq!(shown["auth"]["token_key"].as_str(), Some("***,***"));
        assert_eq!(shown["auth"]["jwt_key"].as_str(), Some("***"));
        assert_eq!(shown["privacy"]["suppression_key"].as_str(), Some("***"));
    }
}

#[test]
fn a_bad_configuration_is_a_one_line_error_and_nothing_is_printed() {
    let rubrica = Binary::without_database().set("RUBRICA__AUTH__TOKEN_KEY", "short");

    for command in ["check-config", "serve", "migrate"] {
        let run = rubrica.run(&[command]);

        assert!(run.error().contains("RUBRICA__AUTH__TOKEN_KEY"), "{run:?}");
        assert!(!run.errors.contains("short"), "{run:?}");
    }
}

#[tokio::test]
async fn live_keys_whose_secret_is_missing_are_warned_of() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let tenant = app.tenant().await;
    app.key(tenant.company, |_| {}).await;
    let old = app.variables["RUBRICA__AUTH__TOKEN_KEY"].clone();
    let replaced = rubrica.clone().set("RUBRICA__AUTH__TOKEN_KEY", SECRET);
    let rotating = rubrica
        .clone()
        .set("RUBRICA__AUTH__TOKEN_KEY", format!("{SECRET},{old}"));

    rubrica.run(&["check-config"]).text();
    rotating.run(&["check-config"]).text();
    let warned = replaced.run(&["check-config"]);

    assert_eq!(warned.status, Some(0));
    assert_eq!(warned.errors.lines().count(), 1, "{warned:?}");
    assert!(warned.errors.contains("2 active API keys"), "{warned:?}");
    assert!(warned.errors.contains("auth.token_key"), "{warned:?}");
    assert!(!warned.errors.contains(&old), "{warned:?}");

    let logged = replaced.serve().await.until_log("active API keys").await;
    assert_eq!(logged["level"], "WARN");

    for client in rubrica
        .run(&["key", "list", "--company", "1", "--json"])
        .json()
        .as_array()
        .unwrap()
    {
        rubrica
            .run(&["key", "revoke", client["clientId"].as_str().unwrap()])
            .text();
    }
    replaced.run(&["check-config"]).text();
}
