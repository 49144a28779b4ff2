//! Keys in any language: the service and the database use the same rule for equal keys.

use reqwest::Method;
use rubrica::domain::FieldKey;
use serde_json::json;
use unicode_normalization::UnicodeNormalization;

use crate::harness::{Binary, SendAndRead, TestApp, postgres};

#[tokio::test]
async fn the_service_and_the_database_fold_every_character_alike() {
    let app = TestApp::start().await;
    let sql = app.sql().await;
    // Many in one key, a letter between them. Before marks that letters melt with, those alone that have cases or
    // melt: the database may be older than some marks, which it then leaves where they are.
    let key = |characters: &[char], marks: &str| -> String {
        let pieces = characters
            .iter()
            .flat_map(|character| [String::from(*character), format!("{marks}x")]);
        pieces.collect()
    };
    let characters: Vec<char> = ('\u{1}'..=char::MAX).collect();
    let has_cases = |c: &char| c.is_lowercase() || c.is_uppercase();
    let melts = |c: &char| std::iter::once(*c).nfd().nth(1).is_some();
    let is_letter = |c: &char| has_cases(c) || melts(c);
    let letters: Vec<char> = characters.iter().copied().filter(is_letter).collect();
    let alone = characters.chunks(200).map(|some| key(some, ""));
    let marked = letters
        .chunks(200)
        .flat_map(|some| ["\u{307}", "\u{323}\u{301}", "\u{345}"].map(|marks| key(some, marks)));
    let keys: Vec<String> = alone.chain(marked).collect();

    let rows = sql
        .query(
            "select key, custom_field_key(key) as folded from unnest($1::text []) as sent (key)",
            &[&keys],
        )
        .await
        .unwrap();

    assert_eq!(rows.len(), keys.len());
    for row in rows {
        let (key, folded): (&str, &str) = (row.get("key"), row.get("folded"));
        let ours = FieldKey::of(key);
        assert_eq!(ours.as_str(), folded, "{key:?}");
        assert_eq!(FieldKey::of(folded), ours, "{key:?} folded twice");
    }
}

#[test]
fn keys_stored_in_upper_case_keep_their_meaning() {
    for character in char::MIN..=char::MAX {
        if character != 'ı' {
            let key = character.to_string();

            assert_eq!(
                FieldKey::of(&key.to_uppercase()),
                FieldKey::of(&key),
                "{key:?}"
            );
        }
    }
}

/// Defined, as contacts have it, and the key of the definition.
const SAME: [(&str, &[&str], &str); 12] = [
    (
        "Straße",
        &["Straße", "straße", "STRASSE", "STRAẞE", "Strasse"],
        "STRASSE",
    ),
    ("Adı", &["Adı", "ADı", "adı"], "ADı"),
    ("İl", &["İl", "i\u{307}l", "İL", "I\u{307}l"], "İL"),
    ("Größe", &["größe", "GRÖSSE", "gro\u{308}ße"], "GRÖSSE"),
    ("Cafe\u{301}", &["Café", "CAFE\u{301}"], "CAFÉ"),
    ("Σίσυφος", &["σίσυφος", "ΣΊΣΥΦΟΣ", "σίσυφοσ"], "ΣΊΣΥΦΟΣ"),
    ("Город", &["город", "ГОРОД"], "ГОРОД"),
    ("ქალაქი", &["ქალაქი", "ᲥᲐᲚᲐᲥᲘ"], "ᲥᲐᲚᲐᲥᲘ"),
    ("ﬁrma", &["firma", "FIRMA"], "FIRMA"),
    ("শহর", &["শহর"], "শহর"),
    ("都市", &["都市"], "都市"),
    ("id", &["id", "ID", "Id"], "ID"),
];

#[tokio::test]
async fn filters_find_keys_of_any_language_in_any_case() {
    let app = TestApp::start().await;
    for (defined, keys, folded) in SAME {
        let tenant = app.tenant().await;
        let body = json!({"key": defined, "type": "text", "filterable": true});
        let before = json!({"email": "before@example.com", "customFields": {defined: "blue"}});
        app.upsert(&tenant.key, &before).await.result();

        let answer = app.define(&tenant.key, &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        assert_eq!(answer.json()["key"], folded);
        for (number, key) in keys.iter().enumerate() {
            let email = format!("n{number}@example.com");
            let body = json!({"email": email, "customFields": {*key: "blue"}});
            app.upsert(&tenant.key, &body).await.result();
        }

        for key in keys.iter().chain([&defined]) {
            let key =
                percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC);
            let query = format!("customFields.{key}=blue");
            let found = app.list_contacts(&tenant.key, &query).await;
            assert_eq!(found.status, 200, "{}", found.text);
            let found = found.json()["data"].as_array().unwrap().len();
            assert_eq!(found, keys.len() + 1, "{defined} {query}");
            let one = app.custom_fields(Method::GET, &tenant.key, &format!("/{key}"));
            assert_eq!(one.answer().await.json()["key"], folded);
        }
    }
}

#[tokio::test]
async fn letters_that_only_look_alike_are_different() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    for (defined, other) in [("id", "ıd"), ("il", "İl"), ("a", "а"), ("kod", "kód")] {
        let number = json!({"key": defined, "type": "number", "filterable": true});
        assert_eq!(app.define(&key, &number).await.status, 201);

        let body = json!({"email": "jane@example.com", "customFields": {other: "text"}});
        app.upsert(&key, &body).await.result();
        let bad = json!({"email": "jane@example.com", "customFields": {defined: "text"}});
        app.upsert(&key, &bad).await.error(422, "validation_error");
        let text = json!({"key": other, "type": "text", "filterable": true});
        assert_eq!(app.define(&key, &text).await.status, 201);
    }
}

#[tokio::test]
async fn definitions_of_the_release_before_keep_their_meaning() {
    let server = postgres().await;
    let database = server.empty_database().await;
    let rubrica = Binary::on(server, &database);
    rubrica.run(&["migrate"]).text();
    let owner = server.client("rubrica_owner", &database).await;
    // The earlier form: keys in upper case, whose filters found no letters outside ASCII.
    owner
        .batch_execute(
            "insert into companies (name) values ('Acme');
            insert into custom_field_definitions (company_id, key, display_name, type, filter)
            select id, key, display_name, 'text', 'ready'
            from companies
            cross join (
                values
                ('PLAN', 'Plan'), ('ADI', 'Adı'), ('STRASSE', 'Straße'), ('KIRMIZI', 'Renk'),
                (E'CAFE\\u0301', 'Coffee')
            ) as old (key, display_name);
            drop function custom_field_key, fold_outside_ascii;
            delete from schema_migrations where version = 19",
        )
        .await
        .unwrap();

    rubrica.run(&["migrate"]).text();

    let rows = owner
        .query(
            "select key, filter from custom_field_definitions order by id",
            &[],
        )
        .await
        .unwrap();
    let stored: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row.get("key"), row.get("filter")))
        .collect();
    assert_eq!(
        stored,
        [
            ("PLAN", "ready"),
            ("ADı", "building"),
            ("STRASSE", "building"),
            ("KIRMIZI", "ready"),
            ("CAFÉ", "ready"),
        ]
    );
}
