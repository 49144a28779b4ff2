//! The memory of a separate process while it parses bodies of the maximum size.

use futures_util::future::join_all;

use super::{batch, longest_answer};
use crate::harness::{Answer, Binary, SendAndRead, Serving, TestApp};

const MIB: usize = 1024 * 1024;
const BODY: usize = 8 * MIB;
const AT_ONCE: usize = 8;

/// As many comma-separated pieces as fit into this many bytes.
fn list(piece: &str, bytes: usize) -> String {
    vec![piece; bytes / (piece.len() + 1)].join(",")
}

/// As many contacts as fit into a batch, each with these members beside its email.
fn contacts(members: &str) -> String {
    let bytes = members.len() + 40;
    let contact = |n: usize| format!(r#"{{"email": "jane{n}@example.com", {members}}}"#);
    let count = ((BODY - 100) / bytes).min(1000);
    batch(&(0..count).map(contact).collect::<Vec<_>>())
}

/// Batches of 8 MiB, each of which would take many times that as a JSON tree.
fn bodies() -> Vec<(&'static str, String)> {
    let one = |fields: String| batch(&[format!(r#"{{"email": "z@example.com", {fields}}}"#)]);
    let custom = |field: &str| format!(r#""customFields": {{{field}}}"#);
    let giant = BODY - 1000;
    let numbered = |bytes: usize, value: &str| {
        let members = (0..bytes / (value.len() + 10)).map(|n| format!(r#""{n:06}":{value}"#));
        members.collect::<Vec<_>>().join(",")
    };
    vec![
        (
            "a contact of zeros",
            one(custom(&format!(r#""a":[{}]"#, list("0", giant)))),
        ),
        (
            "a contact of objects",
            one(custom(&format!(r#""a":[{}]"#, list("{}", giant)))),
        ),
        ("a contact of fields", one(custom(&numbered(giant, "0")))),
        ("a contact of unknown members", one(numbered(giant, "0"))),
        (
            "a contact of one long key",
            one(format!(r#""{}":0"#, "k".repeat(giant))),
        ),
        (
            "valid contacts of zeros",
            contacts(&custom(&format!(r#""a":[{}]"#, list("0", 8_300)))),
        ),
        (
            "valid contacts of text",
            contacts(&custom(&format!(r#""a":"{}""#, "x".repeat(60_000)))),
        ),
        (
            "valid contacts of escapes",
            contacts(&custom(&format!(r#""a":"{}""#, r"\u00e9".repeat(20_000)))),
        ),
        (
            "valid contacts of removals",
            contacts(&custom(&numbered(100_000, "null"))),
        ),
        (
            "contacts beyond the size of custom fields",
            contacts(&custom(&format!(r#""a":[{}]"#, list("[]", 110_000)))),
        ),
        (
            "contacts of unknown members",
            contacts(&numbered(8_000, "0")),
        ),
        (
            "contacts that are numbers",
            format!(r#"{{"contacts":[{}]}}"#, list("0", giant)),
        ),
        (
            "members of a batch",
            format!("{{{}}}", numbered(giant, "0")),
        ),
        (
            "depth",
            one(custom(&format!(
                r#""a":{}{}"#,
                "[".repeat(giant / 2),
                "]".repeat(giant / 2)
            ))),
        ),
    ]
}

async fn send(serving: &Serving, key: &str, body: String) -> Answer {
    let request = serving
        .http()
        .post(serving.url("/public/v1/contacts/batch"))
        .bearer_auth(key)
        .header("content-type", "application/json");
    request.body(body).answer().await
}

#[tokio::test]
async fn eight_concurrent_bodies_of_the_maximum_size_take_less_than_256_mib() {
    let app = TestApp::start().await;
    // The debug build is slow and may use the whole machine: no call may be refused because of that.
    let serving = Binary::of(&app)
        .set("RUBRICA__DATABASE__DEADLINE", "60s")
        .set("RUBRICA__DATABASE__ACQUIRE_TIMEOUT", "60s")
        .set("RUBRICA__DATABASE__STATEMENT_TIMEOUT", "60s")
        .set("RUBRICA__HTTP__REQUEST_TIMEOUT", "60s")
        .serve()
        .await;
    serving.wait_until_ready().await;
    let mut keys = Vec::new();
    for _ in 0..AT_ONCE {
        keys.push(app.tenant_with_limit("1000000/1s").await.key);
    }
    let bodies = bodies();

    for together in [&bodies[..AT_ONCE], &bodies[bodies.len() - AT_ONCE..]] {
        let sent = together.iter().zip(&keys);
        let answers = join_all(sent.map(async |((kind, body), key)| {
            assert!(body.len() <= BODY, "{kind}: {}", body.len());
            let answer = send(&serving, key, body.clone()).await;
            (kind, body.len(), answer)
        }));

        for (kind, bytes, answer) in answers.await {
            let (status, length) = (answer.status, answer.text.len());
            assert!([200, 207, 422].contains(&status), "{kind}: {}", answer.text);
            assert!(length <= longest_answer(bytes), "{kind}: {length} bytes");
        }
        let peak = serving.peak_memory();
        assert!(peak < 256 * MIB as u64, "{} MiB", peak / MIB as u64);
    }
}
