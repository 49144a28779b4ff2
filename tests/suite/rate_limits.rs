//! How many requests a key may make, and how its caller is told.
//!
//! Windows of a day: what a test uses does not drain while it runs.

use std::time::Duration;

use rubrica::ambient;
use rubrica::domain::Quota;
use rubrica::store::{ApiKeyChange, CompanyChange};
use serde_json::{Value, json};

use crate::harness::{Answer, Options, Redis, SendAndRead, Tenant, TestApp, redis};

const PATIENCE: Duration = Duration::from_secs(20);

async fn upsert(app: &TestApp, tenant: &Tenant) -> Answer {
    app.upsert(&tenant.key, &json!({"email": "jane@example.com"}))
        .await
}

/// Asks again until the answer is the wanted one.
async fn until(app: &TestApp, tenant: &Tenant, is_wanted: impl Fn(&Answer) -> bool) -> Answer {
    let start = ambient::instant();
    loop {
        let answer = upsert(app, tenant).await;
        if is_wanted(&answer) {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "still {answer:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn quota(text: &str) -> Quota {
    text.parse().unwrap()
}

/// A key's change to this limit, or to its company's.
fn key_limit(limit: Option<&str>) -> ApiKeyChange {
    ApiKeyChange::Update {
        rate_limit: Some(limit.map(quota)),
        scopes: None,
    }
}

/// A company's change to this limit, or to the default.
fn company_limit(limit: Option<&str>) -> CompanyChange {
    CompanyChange {
        rate_limit: Some(limit.map(quota)),
        ..CompanyChange::default()
    }
}

/// What the headers say is left of which limit.
#[track_caller]
fn left_of(answer: &Answer) -> (u32, u32) {
    let number = |name| answer.header(name).parse().unwrap();
    (number("x-ratelimit-remaining"), number("x-ratelimit-limit"))
}

/// Checks the five headers of an answer that was sent for between now and `since`.
#[track_caller]
fn assert_headers(answer: &Answer, since: i64, (limit, window): (u32, u32), used: u32) {
    let remaining = limit - used;
    // Whole in all tables here.
    let full_in = window / limit * used;
    assert_eq!(
        answer.header("ratelimit-policy"),
        format!("\"default\";q={limit};w={window}")
    );
    let reset: i64 = answer.header("x-ratelimit-reset").parse().unwrap();
    let now = ambient::now().unix_timestamp();
    // What was used before drains a little while the test runs.
    let slack = now - since + 1;
    let said = answer.header("ratelimit");
    let time: i64 = said.rsplit_once("t=").unwrap().1.parse().unwrap();
    assert_eq!(said, format!("\"default\";r={remaining};t={time}"));
    assert!(
        (i64::from(full_in) - slack..=i64::from(full_in)).contains(&time),
        "{said}"
    );
    assert!(
        (since + time..=now + time).contains(&reset),
        "{reset} is not {time} from {now}"
    );
    assert_eq!(left_of(answer), (remaining, limit));
}

#[tokio::test]
async fn every_answer_to_a_good_key_says_what_is_left() {
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
async fn the_default_is_600_in_a_minute() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;

    let answer = upsert(&app, &tenant).await;

    assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=600;w=60");
    assert_eq!(answer.header("ratelimit"), "\"default\";r=599;t=1");
    assert_eq!(left_of(&answer), (599, 600));
}

#[tokio::test]
async fn beyond_the_burst_a_caller_is_told_how_long_to_wait() {
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
        // One is refilled in a third of the window.
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
async fn a_refused_request_takes_nothing_from_the_count() {
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

        // Who never pauses would never be let in again if refusals counted.
        until(&app, &tenant, |answer| answer.status == 200).await;
    }
}

#[tokio::test]
async fn the_keys_limit_goes_before_the_companys_and_that_before_the_default() {
    let settings = [("rate_limit.limit", "70"), ("rate_limit.window", "1h")];
    let app = TestApp::with_settings(&settings).await;
    let company = app.tenant().await.company;
    let new_key = async |limit: Option<&str>| {
        app.key(company, |key| key.rate_limit = limit.map(quota))
            .await
    };
    let limit_of = async |tenant: &Tenant| -> Value {
        let answer = upsert(&app, tenant).await;
        json!([
            left_of(&answer).1,
            answer
                .header("ratelimit-policy")
                .rsplit_once("w=")
                .unwrap()
                .1
        ])
    };

    let own = new_key(Some("10/90s")).await;
    assert_eq!(limit_of(&own).await, json!([10, "90"]));
    assert_eq!(limit_of(&new_key(None).await).await, json!([70, "3600"]));

    app.change_company(company, company_limit(Some("40/2m")))
        .await;
    assert_eq!(
        limit_of(&new_key(Some("10/90s")).await).await,
        json!([10, "90"])
    );
    assert_eq!(limit_of(&new_key(None).await).await, json!([40, "120"]));

    app.change_key(&own.client, key_limit(None)).await;
    until(&app, &own, |answer| left_of(answer).1 == 40).await;
    app.change_company(company, company_limit(None)).await;
    until(&app, &own, |answer| left_of(answer).1 == 70).await;
}

#[tokio::test]
async fn a_higher_limit_acts_at_once_on_what_is_used() {
    let app = TestApp::start().await;
    let of_key = app.tenant_with_limit("2/24h").await;
    let of_company = app.tenant().await;
    app.change_company(of_company.company, company_limit(Some("2/24h")))
        .await;
    for tenant in [&of_key, &of_company] {
        until(&app, tenant, |answer| answer.status == 429).await;
    }

    app.change_key(&of_key.client, key_limit(Some("5/24h")))
        .await;
    app.change_company(of_company.company, company_limit(Some("5/24h")))
        .await;

    for tenant in [&of_key, &of_company] {
        let first = until(&app, tenant, |answer| answer.status == 200).await;
        // Two were used, and this one.
        assert_eq!(left_of(&first), (2, 5));
    }
}

#[tokio::test]
async fn a_lower_limit_acts_at_once_on_what_is_used() {
    let app = TestApp::start().await;
    let of_key = app.tenant_with_limit("1000000/24h").await;
    let of_company = app.tenant().await;
    app.change_company(of_company.company, company_limit(Some("1000000/24h")))
        .await;
    for tenant in [&of_key, &of_company] {
        for _ in 0..4 {
            upsert(&app, tenant).await.result();
        }
        assert_eq!(left_of(&upsert(&app, tenant).await), (999_995, 1_000_000));
    }

    app.change_key(&of_key.client, key_limit(Some("8/24h")))
        .await;
    app.change_company(of_company.company, company_limit(Some("8/24h")))
        .await;
    // It knows neither key from before.
    let replica = app.replica(&[]).await;

    for tenant in [&of_key, &of_company] {
        let answer = upsert(&replica, tenant).await;
        assert_eq!((answer.status, left_of(&answer)), (200, (2, 8)));
    }

    app.change_key(&of_key.client, key_limit(Some("3/24h")))
        .await;
    app.change_company(of_company.company, company_limit(Some("3/24h")))
        .await;
    for tenant in [&of_key, &of_company] {
        let lowered = until(&app, tenant, |answer| left_of(answer).1 == 3).await;
        assert_eq!((lowered.status, left_of(&lowered)), (429, (0, 3)));
    }
}

#[tokio::test]
async fn replicas_share_one_count() {
    let one = TestApp::start().await;
    let other = one.replica(&[]).await;
    let tenant = one.tenant_with_limit("4/24h").await;

    for (replica, remaining) in [(&one, 3), (&other, 2), (&other, 1), (&one, 0)] {
        let answer = upsert(replica, &tenant).await;
        assert_eq!((answer.status, left_of(&answer)), (200, (remaining, 4)));
    }
    for replica in [&one, &other] {
        upsert(replica, &tenant)
            .await
            .error(429, "rate_limit_exceeded");
    }
}

#[tokio::test]
async fn names_in_redis_hold_one_hash_tag_and_no_secret_and_are_forgotten_in_time() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("4/24h").await;
    upsert(&app, &tenant).await.result();
    let mut redis = redis().await.connection().await;
    let pattern = format!("{}:*", app.settings.redis.prefix);

    let names: Vec<String> = redis::cmd("KEYS")
        .arg(pattern)
        .query_async(&mut redis)
        .await
        .unwrap();

    assert_eq!(names.len(), 1, "{names:?}");
    let name = &names[0];
    let tag = format!("{{{}}}", tenant.client);
    assert!(name.contains(&tag), "{name}");
    assert_eq!(name.matches(['{', '}']).count(), 2, "{name}");
    let value: String = redis::cmd("GET")
        .arg(name)
        .query_async(&mut redis)
        .await
        .unwrap();
    let lifetime: i64 = redis::cmd("PTTL")
        .arg(name)
        .query_async(&mut redis)
        .await
        .unwrap();
    let (_, secret) = tenant.key.rsplit_once('-').unwrap();
    assert!(
        !name.contains(secret) && !value.contains(secret),
        "{name}: {value}"
    );
    // One of four drains within six hours.
    assert!((1..=21_600_000).contains(&lifetime), "{lifetime}");
}

#[tokio::test]
async fn without_redis_each_replica_does_what_it_is_told_and_returns_by_itself() {
    let redis = Redis::start().await;
    let start = async |on_failure: &str| {
        let settings = vec![
            ("rate_limit.on_redis_failure", on_failure.to_owned()),
            ("rate_limit.replicas", "3".to_owned()),
        ];
        TestApp::with(Options {
            redis: Some(&redis),
            settings,
            ..Options::default()
        })
        .await
    };
    let apps = [
        start("local").await,
        start("allow").await,
        start("deny").await,
    ];
    let [local, allow, deny] = &apps;
    let mut tenants = vec![];
    for app in &apps {
        let tenant = app.tenant_with_limit("6/24h").await;
        let answer = upsert(app, &tenant).await;
        assert_eq!((answer.status, left_of(&answer)), (200, (5, 6)));
        assert_eq!(fallback(app).await, 0.0);
        tenants.push(tenant);
    }

    redis.stop("KILL");

    // A third of the limit, since three share it.
    for status in [200, 200, 429, 429] {
        let answer = upsert(local, &tenants[0]).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=2;w=86400");
    }
    for _ in 0..10 {
        upsert(allow, &tenants[1]).await.result();
    }
    for _ in 0..2 {
        let answer = upsert(deny, &tenants[2]).await;
        answer.error(503, "service_unavailable");
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    }
    for app in &apps {
        assert_eq!(fallback(app).await, 1.0);
        assert_eq!(app.ops("/readyz").await.status, 200);
    }

    redis.run();
    redis.wait().await;

    for (app, tenant) in apps.iter().zip(&tenants) {
        let answer = until(app, tenant, |answer| {
            answer.status == 200 && left_of(answer) != (6, 6) && left_of(answer).1 == 6
        })
        .await;
        assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=6;w=86400");
        assert_eq!(fallback(app).await, 0.0);
    }
}

async fn fallback(app: &TestApp) -> f64 {
    app.metric(&["rubrica_rate_limit_fallback"]).await
}
