//! Authentication with API keys.

mod failure_limit;

use std::collections::BTreeSet;
use std::time::Duration;

use rubrica::ambient;
use rubrica::domain::ApiKeyChange;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::harness::{Answer, SendAndRead, TestApp, eventually};

const OLD_SECRET: &str = "the old secret of the deployment that is long enough";
const NEW_SECRET: &str = "the new secret of the deployment that is long enough";
const SECRET_START: usize = "mn-".len() + 12 + "-".len();

fn jane() -> Value {
    json!({"email": "jane@example.com"})
}

/// An upsert with this `Authorization` header.
async fn upsert_as(app: &TestApp, authorization: &[u8]) -> Answer {
    let request = app
        .request(reqwest::Method::POST, "/public/v1/contacts")
        .json(&jane());
    request
        .header("authorization", authorization)
        .answer()
        .await
}

/// The text with a different letter or digit at one position.
fn changed_at(text: &str, place: usize) -> String {
    let other = if &text[place..=place] == "a" {
        "b"
    } else {
        "a"
    };
    format!("{}{other}{}", &text[..place], &text[place + 1..])
}

#[tokio::test]
async fn every_bad_key_gets_the_same_response() {
    let app = TestApp::start().await;
    let elsewhere = TestApp::with_settings(&[("auth.token_key", OLD_SECRET)]).await;
    let tenant = app.tenant().await;
    let key = &tenant.key;
    let foreign = elsewhere.tenant().await.key;
    let never_stored = app.settings.auth.token_keys().issue(&mut ambient::random());
    let never_stored = never_stored.whole().expose_secret();
    let expired = app
        .key(tenant.company, |key| {
            key.expires_at = Some(ambient::now() - Duration::from_secs(1));
        })
        .await;
    let revoked = app.key(tenant.company, |_| {}).await;
    app.change_key(&revoked.client, ApiKeyChange::Revoke).await;
    // Its checksum is right, but its secret differs from the stored key's.
    let replaced = app.key(tenant.company, |_| {}).await;
    let sql = "update api_keys set secret_hash = (select secret_hash from api_keys
        where client_id = $1) where client_id = $2";
    let clients = [tenant.client.as_str(), replaced.client.as_str()];
    app.sql()
        .await
        .execute(sql, &[&clients[0], &clients[1]])
        .await
        .unwrap();

    let without_header = app
        .request(reqwest::Method::POST, "/public/v1/contacts")
        .json(&jane());
    let first = without_header.answer().await;
    let mut answers = vec![];
    for header in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer x".to_owned(),
        key.clone(),
        format!("Basic {key}"),
        format!("Token {key}"),
        format!("Bearer{key}"),
        format!("Bearer {key} {key}"),
        format!("Bearer {}", &key[..key.len() - 1]),
        format!("Bearer {}", &key[1..]),
        format!("Bearer {key}a"),
        format!("Bearer {}", key.replace("mn-", "nm-")),
        format!("Bearer {}", key.replace('-', "_")),
        format!("Bearer {}", key.to_uppercase()),
        format!(
            "Bearer {}!{}",
            &key[..SECRET_START],
            &key[SECRET_START + 1..]
        ),
        format!(
            "Bearer {}ü{}",
            &key[..SECRET_START],
            &key[SECRET_START + 2..]
        ),
        format!("Bearer {}", changed_at(key, "mn-".len())),
        format!("Bearer {}", changed_at(key, SECRET_START)),
        format!("Bearer {}", changed_at(key, SECRET_START + 42)),
        format!("Bearer {}", changed_at(key, SECRET_START + 43)),
        format!("Bearer {}", changed_at(key, key.len() - 1)),
        format!("Bearer {foreign}"),
        format!("Bearer {never_stored}"),
        format!("Bearer {}", expired.key),
        format!("Bearer {}", revoked.key),
        format!("Bearer {}", replaced.key),
    ] {
        answers.push((upsert_as(&app, header.as_bytes()).await, header));
    }
    answers.push((
        upsert_as(&app, b"Bearer \xff\xfe").await,
        "no text".to_owned(),
    ));

    first.error(401, "unauthorized");
    for (answer, header) in answers {
        assert_eq!(
            (answer.status, &answer.text),
            (401, &first.text),
            "{header}"
        );
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{header}");
        // Whether the connection stays open depends on how much of the body arrived, not on the key.
        let names = |answer: &Answer| -> BTreeSet<String> {
            let names = answer.headers.keys().map(ToString::to_string);
            names.filter(|name| name != "connection").collect()
        };
        assert_eq!(names(&answer), names(&first), "{header}");
    }
    assert_eq!(app.contents().await, "");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = upsert_as(&app, format!("{scheme} {key}").as_bytes()).await;
        assert_eq!(answer.status, 200, "{scheme}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_cached_key_stops_working_when_it_expires() {
    let app = TestApp::start().await;
    let company = app.tenant().await.company;
    let soon = ambient::now().replace_millisecond(0).unwrap() + Duration::from_secs(2);
    let key = app
        .key(company, |key| key.expires_at = Some(soon))
        .await
        .key;

    let call = async || {
        let sent = ambient::now();
        let status = app.upsert(&key, &jane()).await.status;
        if ambient::now() < soon {
            assert_eq!(status, 200, "before it expires");
        }
        (sent, status)
    };
    let (_, status) = eventually("its expiry", call, |(sent, _)| *sent >= soon).await;
    assert_eq!(status, 401, "after it expired");
}

#[tokio::test]
async fn keys_of_a_retired_secret_work_while_it_is_listed_and_new_keys_use_the_first() {
    let both = format!("{NEW_SECRET},{OLD_SECRET}");
    let before = TestApp::with_settings(&[("auth.token_key", OLD_SECRET)]).await;
    let during = before.replica(&[("auth.token_key", &both)]).await;
    let after = before.replica(&[("auth.token_key", NEW_SECRET)]).await;
    let old = before.tenant().await;
    let new = during.key(old.company, |_| {}).await;

    for (app, key, status) in [
        (&before, &old.key, 200),
        (&before, &new.key, 401),
        (&during, &old.key, 200),
        (&during, &new.key, 200),
        (&after, &old.key, 401),
        (&after, &new.key, 200),
    ] {
        assert_eq!(app.upsert(key, &jane()).await.status, status);
    }
}

#[tokio::test]
async fn the_secret_of_a_key_is_in_no_table_and_no_response() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (key, secret) = (&tenant.key, &tenant.key[SECRET_START..SECRET_START + 43]);

    let answers = [
        app.upsert(key, &jane()).await,
        app.upsert(&changed_at(key, key.len() - 1), &jane()).await,
        app.upsert(key, &json!({"email": "x@"})).await,
        app.upsert_text(key, "{").await,
        app.request(reqwest::Method::PUT, "/public/v1/contacts")
            .bearer_auth(key)
            .answer()
            .await,
        app.request(reqwest::Method::GET, "/x")
            .bearer_auth(key)
            .answer()
            .await,
    ];
    app.change_key(&tenant.client, ApiKeyChange::Revoke).await;

    let texts: Vec<String> = answers
        .iter()
        .map(|answer| format!("{:?} {}", answer.headers, answer.text))
        .collect();
    assert!(!texts.iter().any(|text| text.contains(secret)));
    let client = app.sql().await;
    let sql = "select format('%I.%I', schemaname, tablename) from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema')";
    let mut with_client_id = 0;
    for table in client.query(sql, &[]).await.unwrap() {
        let table: String = table.get(0);
        let sql = format!("select coalesce(string_agg(t::text, ' '), '') from {table} as t");
        let text: String = client.query_one(&sql, &[]).await.unwrap().get(0);

        assert!(!text.contains(secret), "{table}");
        with_client_id += usize::from(text.contains(tenant.client.as_str()));
    }
    // The key and its history were searched.
    assert!(with_client_id >= 2);
    let sql = "select secret_hash from api_keys";
    let hash: String = client.query_one(sql, &[]).await.unwrap().get(0);
    assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
}
