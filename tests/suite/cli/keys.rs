//! `rubrica key …`

use rubrica::ambient;
use serde_json::json;

use super::{company, key, members, text, timestamp};
use crate::harness::{Binary, TestApp};

#[tokio::test]
async fn a_created_key_is_printed_with_all_that_a_script_needs() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");

    let created = key(&rubrica, &company, &[]);

    assert_eq!(
        members(&created),
        ["key", "clientId", "companyId", "scopes", "expiresAt"]
    );
    let client = text(&created["clientId"]);
    assert_eq!(client.len(), 12);
    assert!(text(&created["key"]).starts_with(&format!("mn-{client}-")));
    assert_eq!(created["companyId"], company);
    assert_eq!(created["expiresAt"], json!(null));
    let listed = rubrica.run(&["key", "list", "--company", &company]);
    let secret = text(&created["key"]).rsplit('-').next().unwrap();
    assert!(listed.text().contains(client));
    assert!(!listed.text().contains(secret));
}

#[tokio::test]
async fn a_key_works_immediately_after_its_creation() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");

    let created = key(&rubrica, &company, &[]);

    let answer = app
        .upsert(text(&created["key"]), &json!({"email": "a@example.com"}))
        .await;
    assert_eq!(answer.result()["outcome"], "created");
}

#[tokio::test]
async fn without_json_only_the_key_is_printed() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");

    let run = rubrica.run(&["key", "create", "--company", &company, "--name", "shop"]);

    let (key, hint) = run.line();
    assert!(key.starts_with("mn-") && !key.contains(' '), "{run:?}");
    let client = key.split('-').nth(1).expect("a client id");
    assert!(hint.contains(&format!("client id is {client}")), "{run:?}");
    let secret = key.rsplit('-').next().expect("a secret");
    assert!(!hint.contains(secret), "{run:?}");
    let answer = app.upsert(key, &json!({"email": "a@example.com"})).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_key_gets_the_named_scopes_or_all_but_erase() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");

    for (options, scopes) in [
        (
            &[][..],
            json!([
                "contacts:read",
                "contacts:write",
                "custom_fields:read",
                "custom_fields:write"
            ]),
        ),
        (&["--scope", "contacts:erase"], json!(["contacts:erase"])),
        (
            &[
                "--scope",
                "contacts:write",
                "--scope",
                "contacts:read",
                "--scope",
                "contacts:read",
            ],
            json!(["contacts:read", "contacts:write"]),
        ),
    ] {
        assert_eq!(
            key(&rubrica, &company, options)["scopes"],
            scopes,
            "{options:?}"
        );
    }
}

#[tokio::test]
async fn a_key_may_expire() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");

    for (life, seconds) in [("365d", 365 * 86_400), ("12h", 43_200), ("1h 30m", 5_400)] {
        let before = ambient::now();
        let created = key(&rubrica, &company, &["--expires-in", life]);
        let after = ambient::now();

        let start = timestamp(&created["expiresAt"]) - time::Duration::seconds(seconds);
        assert!((before..=after).contains(&start), "{life}: {created}");
    }
    app.sql()
        .await
        .batch_execute("update api_keys set expires_at = now() - interval '1 second'")
        .await
        .unwrap();
    let keys = rubrica
        .run(&["key", "list", "--company", &company, "--json"])
        .json();
    assert_eq!(keys[0]["state"], "expired");
}

#[tokio::test]
async fn keys_are_listed_as_an_array_that_may_be_empty() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let (acme, zenith) = (company(&rubrica, "Acme"), company(&rubrica, "Zenith"));
    let list = |company| {
        rubrica
            .run(&["key", "list", "--company", company, "--json"])
            .json()
    };
    let created = key(
        &rubrica,
        &zenith,
        &["--rate-limit", "7/1s", "--expires-in", "1d"],
    );

    let (none, one) = (list(&acme), list(&zenith));

    assert_eq!(none, json!([]));
    assert_eq!(one.as_array().unwrap().len(), 1);
    let mut listed = one[0].clone();
    assert!(timestamp(&listed["createdAt"].take()) <= ambient::now());
    assert_eq!(listed["expiresAt"].take(), created["expiresAt"]);
    assert_eq!(
        listed,
        json!({
            "clientId": created["clientId"],
            "companyId": zenith,
            "name": "shop",
            "scopes": created["scopes"],
            "rateLimit": "7/1s",
            "state": "active",
            "createdAt": null,
            "expiresAt": null,
            "revokedAt": null,
            "lastUsedAt": null,
            "replacedBy": null,
        })
    );
}

#[tokio::test]
async fn an_update_changes_only_the_limit_and_the_scopes() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let client = key(&rubrica, &company, &[])["clientId"].clone();
    let update = |options: &[&str]| {
        rubrica
            .run(&[&["key", "update", text(&client), "--json"], options].concat())
            .json()
    };
    let mut expected = rubrica
        .run(&["key", "list", "--company", &company, "--json"])
        .json()[0]
        .clone();

    for (options, member, value) in [
        (["--rate-limit", "9/1m"], "rateLimit", json!("9/60s")),
        (
            ["--scope", "contacts:erase"],
            "scopes",
            json!(["contacts:erase"]),
        ),
        (["--rate-limit", "default"], "rateLimit", json!(null)),
    ] {
        let updated = update(&options);

        expected[member] = value;
        assert_eq!(updated, expected, "{options:?}");
    }
}

#[tokio::test]
async fn revoking_a_key_again_keeps_the_first_timestamp() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let client = key(&rubrica, &company, &[])["clientId"].clone();
    let revoke = || {
        rubrica
            .run(&["key", "revoke", text(&client), "--json"])
            .json()
    };

    let (first, second) = (revoke(), revoke());

    assert_eq!(first["state"], "revoked");
    assert!(timestamp(&first["revokedAt"]) <= ambient::now());
    assert_eq!(first["revokedAt"], second["revokedAt"]);
    assert_eq!(second["state"], "revoked");
}
