//! Changes take effect on running replicas.

use serde_json::json;

use super::{company, key, text};
use crate::harness::{Answer, Binary, Options, TestApp, eventually};

/// Repeats an upsert until its response is accepted.
async fn until(app: &TestApp, key: &str, is_wanted: impl Fn(&Answer) -> bool) {
    let body = json!({"email": "a@example.com"});
    let upsert = async || app.upsert(key, &body).await;
    eventually("the change", upsert, is_wanted).await;
}

#[tokio::test]
async fn a_running_replica_applies_changes_of_keys_and_companies() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let created = key(&rubrica, &company, &[]);
    let (key, client) = (text(&created["key"]), text(&created["clientId"]));
    let limits_are = |of_key: &'static str, of_company: &'static str| {
        move |answer: &Answer| {
            let policy = format!("\"default\";q={of_key};w=60, \"company\";q={of_company};w=60");
            answer.status == 200 && answer.header("ratelimit-policy") == policy
        }
    };
    until(&app, key, limits_are("600", "6000")).await;

    rubrica
        .run(&["company", "update", &company, "--rate-limit", "900/60s"])
        .text();
    until(&app, key, limits_are("600", "900")).await;

    rubrica
        .run(&["key", "update", client, "--rate-limit", "800/60s"])
        .text();
    until(&app, key, limits_are("800", "900")).await;

    rubrica
        .run(&["key", "update", client, "--rate-limit", "default"])
        .text();
    until(&app, key, limits_are("600", "900")).await;

    rubrica
        .run(&["company", "update", &company, "--rate-limit", "default"])
        .text();
    until(&app, key, limits_are("600", "6000")).await;

    rubrica
        .run(&["key", "update", client, "--scope", "contacts:read"])
        .text();
    until(&app, key, |answer| answer.status == 403).await;

    rubrica
        .run(&["key", "update", client, "--scope", "contacts:write"])
        .text();
    until(&app, key, |answer| answer.status == 200).await;

    rubrica
        .run(&["company", "update", &company, "--suspended", "true"])
        .text();
    until(&app, key, |answer| answer.status == 403).await;

    rubrica
        .run(&["company", "update", &company, "--suspended", "false"])
        .text();
    until(&app, key, |answer| answer.status == 200).await;

    rubrica.run(&["key", "revoke", client]).text();
    until(&app, key, |answer| answer.status == 401).await;
}

#[tokio::test]
async fn a_running_replica_applies_the_phone_settings_of_a_company() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let key = key(&rubrica, &company, &[]);
    let key = text(&key["key"]);
    let phone_alone = json!({"phone": "+4915112345678"});
    app.upsert(key, &phone_alone)
        .await
        .error(422, "validation_error");

    rubrica
        .run(&[
            "company",
            "update",
            &company,
            "--phone-only-contacts",
            "true",
        ])
        .text();

    let upsert = async || app.upsert(key, &phone_alone).await;
    eventually("the change", upsert, |answer| answer.status == 200).await;
}

#[tokio::test]
async fn without_redis_a_change_is_made_and_a_warning_reports_its_delay() {
    let app = TestApp::with(Options {
        without_redis: true,
        settings: vec![("auth.cache_ttl", "30s".to_owned())],
        ..Options::default()
    })
    .await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let client = key(&rubrica, &company, &[])["clientId"].clone();
    let unreachable = rubrica
        .clone()
        .set("RUBRICA__REDIS__URL", "redis://127.0.0.1:1");

    for (rubrica, reason) in [
        (rubrica, "redis.url is not set"),
        (unreachable, "Redis is unavailable"),
    ] {
        for arguments in [
            &[
                "company",
                "update",
                &company,
                "--name",
                "Acme Inc.",
                "--json",
            ][..],
            &[
                "key",
                "update",
                text(&client),
                "--rate-limit",
                "1/1s",
                "--json",
            ],
            &["key", "revoke", text(&client), "--json"],
        ] {
            let run = rubrica.run(arguments);

            assert_eq!(run.status, Some(0), "{run:?}");
            assert_eq!(run.errors.lines().count(), 1, "{run:?}");
            assert!(run.errors.starts_with("rubrica: warning: "), "{run:?}");
            assert!(run.errors.contains(reason), "{run:?}");
            assert!(run.errors.contains("within 30s"), "{run:?}");
            serde_json::from_str::<serde_json::Value>(&run.output).expect("one JSON value");
        }
    }
}
