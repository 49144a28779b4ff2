//! `rubrica key usage`, and the last use in `rubrica key list`.

use serde_json::{Value, json};

use super::{company, key, members, text, timestamp};
use crate::harness::{Binary, TestApp, eventually};

/// A service that flushes usage often, the program, a company and a key that was used this often.
async fn used(times: usize) -> (TestApp, Binary, String, Value) {
    let app = TestApp::with_settings(&[("usage.flush_interval", "100ms")]).await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let key = key(&rubrica, &company, &[]);
    for _ in 0..times {
        let answer = app
            .upsert(text(&key["key"]), &json!({"email": "a@example.com"}))
            .await;
        assert_eq!(answer.status, 200);
    }
    (app, rubrica, company, key)
}

#[tokio::test]
async fn the_usage_of_a_key_is_printed_by_hour() {
    let (app, rubrica, company, key) = used(2).await;
    let client = text(&key["clientId"]);
    let usage = || rubrica.run(&["key", "usage", client, "--json"]).json();

    eventually("usage", async || usage(), |usage| *usage != json!([])).await;

    let earlier = "insert into api_key_usage
        select company_id, client_id, date_trunc('hour', now()) - make_interval(hours => n), 9, 3, 2, 1
        from api_keys, (values (2), (23), (24)) as hours (n)";
    let inserted = app.sql().await.execute(earlier, &[]).await;
    assert_eq!(inserted.expect("rows"), 3);
    let shown = usage();
    let hours = shown.as_array().expect("an array");
    let fields = [
        "hour",
        "requests",
        "refused",
        "clientErrors",
        "serverErrors",
    ];
    assert_eq!(members(&hours[0]), fields);
    assert_eq!(
        timestamp(&hours[1]["hour"]) - timestamp(&hours[0]["hour"]),
        time::Duration::hours(21)
    );
    let mut counts = hours[1].clone();
    counts["hour"].take();
    assert_eq!(
        counts,
        json!({"hour": null, "requests": 9, "refused": 3, "clientErrors": 2, "serverErrors": 1})
    );

    let more = ["key", "usage", client, "--hours", "48", "--json"];
    let more = rubrica.run(&more).json();
    assert_eq!(more.as_array().unwrap().len(), hours.len() + 1);
    let text = rubrica.run(&["key", "usage", client, "--hours", "3"]);
    assert!(text.text().contains("requests since "), "{text:?}");
    assert!(text.text().starts_with("HOUR "), "{text:?}");
    drop(company);
}

#[tokio::test]
async fn the_list_says_when_a_key_was_last_used() {
    let (_app, rubrica, company, _) = used(1).await;
    key(&rubrica, &company, &[]);
    let list = || {
        rubrica
            .run(&["key", "list", "--company", &company, "--json"])
            .json()
    };

    let is_used = |keys: &Value| !keys[0]["lastUsedAt"].is_null();

    let keys = eventually("a use", async || list(), is_used).await;

    assert!(timestamp(&keys[0]["lastUsedAt"]) >= timestamp(&keys[0]["createdAt"]));
    assert_eq!(keys[1]["lastUsedAt"], json!(null));
    let text = rubrica.run(&["key", "list", "--company", &company]);
    assert!(text.text().contains("LAST USED"), "{text:?}");
    assert!(text.text().contains(" UTC"), "{text:?}");
    assert_eq!(text.text().matches("never").count(), 3, "{text:?}");
}

#[tokio::test]
async fn unavailable_usage_is_a_one_line_error_with_the_reason() {
    let (_app, rubrica, _, key) = used(0).await;
    let client = text(&key["clientId"]);

    for (arguments, words) in [
        (vec!["aaaaaaaaaaaa"], "there is no key aaaaaaaaaaaa"),
        (vec!["x"], "<CLIENT_ID>"),
        (vec![client, "--hours", "0"], "--hours"),
        (vec![client, "--hours", "9601"], "--hours"),
        (vec![client, "--hours", "day"], "--hours"),
    ] {
        let run = rubrica.run(&[&["key", "usage"], arguments.as_slice()].concat());

        assert!(run.error().contains(words), "{arguments:?}: {run:?}");
    }
}
