//! The rate limit headers of every response to a good key.

use rubrica::ambient;
use serde_json::json;

use super::{left_of, upsert};
use crate::harness::{Answer, Options, SendAndRead, TestApp};

/// Checks the five headers of an answer that was sent for between now and `since`.
#[track_caller]
fn assert_headers(answer: &Answer, since: i64, (limit, window): (u32, u32), used: u32) {
    let remaining = limit - used;
    // Whole in all tables here.
    let full_in = window / limit * used;
    assert_eq!(
        answer.header("ratelimit-policy"),
        format!("\"default\";q={limit};w={window}, \"company\";q=6000;w=60")
    );
    let reset: i64 = answer.header("x-ratelimit-reset").parse().unwrap();
    let now = ambient::now().unix_timestamp();
    // Earlier requests are partly refilled while the test runs.
    let slack = now - since + 1;
    let both = answer.header("ratelimit");
    let (said, company) = both.split_once(", ").unwrap();
    assert!(company.starts_with("\"company\";r="), "{both}");
    let time: i64 = said.rsplit_once("t=").unwrap().1.parse().unwrap();
    assert_eq!(said, format!("\"default\";r={remaining};t={time}"));
    assert!(
        (i64::from(full_in) - slack..=i64::from(full_in)).contains(&time),
        "{said}"
    );
    assert!(
        (since + time..=now + time + 1).contains(&reset),
        "{reset} is not {time} from {now}"
    );
    assert_eq!(left_of(answer), (remaining, limit));
}

#[tokio::test]
async fn every_response_to_a_good_key_reports_what_is_left() {
    let shared = TestApp::start().await;
    let alone = TestApp::with(Options {
        without_redis: true,
        ..Options::default()
    })
    .await;

    for app in [shared, alone] {
        let tenant = app.tenant_with_limit("8/24h").await;
        let key = &tenant.key;
        app.upsert(&app.tenant().await.key, &json!({"email": "j@example.com"}))
            .await
            .result();
        let since = ambient::now().unix_timestamp();
        let taken = json!({"email": "john@example.com", "phone": "+393391234567"});
        let conflict = json!({"email": "jane@example.com", "phone": "+393391234567"});

        let answers = [
            (200, upsert(&app, &tenant).await),
            (200, app.upsert(key, &taken).await),
            (400, app.upsert_text(key, "{").await),
            (409, app.upsert(key, &conflict).await),
            (413, app.upsert_text(key, " ".repeat(200_000)).await),
            (415, app.post_contact(key).body("{}").answer().await),
            (422, app.upsert(key, &json!({})).await),
            (404, app.get_contact(key, "1000000").await),
            (429, upsert(&app, &tenant).await),
        ];

        for (used, (status, answer)) in (1..).zip(&answers) {
            assert_eq!(answer.status, *status, "{}", answer.text);
            assert_headers(answer, since, (8, 86_400), used.min(8));
        }
    }
}

#[tokio::test]
async fn the_default_is_600_per_minute_and_6000_per_company() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;

    let answer = upsert(&app, &tenant).await;

    assert_eq!(
        answer.header("ratelimit-policy"),
        "\"default\";q=600;w=60, \"company\";q=6000;w=60"
    );
    assert_eq!(
        answer.header("ratelimit"),
        "\"default\";r=599;t=1, \"company\";r=5999;t=1"
    );
    assert_eq!(left_of(&answer), (599, 600));
}
