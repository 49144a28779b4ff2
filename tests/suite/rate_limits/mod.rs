//! Rate limits of keys and companies, and how responses report them.
//!
//! The windows are a day long, so that nothing is refilled during a test.

mod changes;
mod headers;
mod shared;

use serde_json::json;

use crate::harness::{Answer, Options, Tenant, TestApp, eventually};

async fn upsert(app: &TestApp, tenant: &Tenant) -> Answer {
    app.upsert(&tenant.key, &json!({"email": "jane@example.com"}))
        .await
}

/// Repeats an upsert until its response is accepted.
async fn until(app: &TestApp, tenant: &Tenant, is_wanted: impl Fn(&Answer) -> bool) -> Answer {
    let upsert = async || upsert(app, tenant).await;
    eventually("the wanted answer", upsert, is_wanted).await
}

/// The remaining requests and the limit in the headers.
#[track_caller]
fn left_of(answer: &Answer) -> (u32, u32) {
    let number = |name| answer.header(name).parse().unwrap();
    (number("x-ratelimit-remaining"), number("x-ratelimit-limit"))
}

#[tokio::test]
async fn a_caller_over_the_limit_learns_how_long_to_wait() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("3/24h").await;

    for remaining in [2, 1, 0] {
        let answer = upsert(&app, &tenant).await;
        assert_eq!((answer.status, left_of(&answer)), (200, (remaining, 3)));
    }
    for _ in 0..3 {
        let refused = upsert(&app, &tenant).await;

        let error = refused.error(429, "rate_limit_exceeded");
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        // One request is refilled in a third of the window.
        assert!((28_000..=28_800).contains(&wait), "{wait}");
        let details = json!({"limit": 3, "windowSeconds": 86400, "retryAfterSeconds": wait});
        assert_eq!(error["details"], details);
        assert_eq!(left_of(&refused), (0, 3));
    }
    assert_eq!(app.count("select count(*) from contacts").await, 1);
    // Another key of the same company has a limit of its own.
    let other = app.key(tenant.company, |_| {}).await;
    assert_eq!(left_of(&upsert(&app, &other).await), (599, 600));
}

#[tokio::test]
async fn a_refused_request_does_not_count() {
    let shared = TestApp::start().await;
    let alone = TestApp::with(Options {
        without_redis: true,
        ..Options::default()
    })
    .await;

    for app in [shared, alone] {
        let tenant = app.tenant_with_limit("1/1s").await;
        let refused = until(&app, &tenant, |answer| answer.status == 429).await;
        assert_eq!(refused.header("retry-after"), "1");

        // A caller without pauses would never succeed again if refusals counted.
        until(&app, &tenant, |answer| answer.status == 200).await;
    }
}
