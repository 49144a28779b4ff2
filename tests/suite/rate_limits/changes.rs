//! Limits of keys and companies, and their changes.

use rubrica::domain::{ApiKeyChange, CompanyChange, Quota};
use serde_json::json;

use super::{left_of, until, upsert};
use crate::harness::{Options, Tenant, TestApp};

fn quota(text: &str) -> Quota {
    text.parse().unwrap()
}

/// A key's change to this limit, or to its company's.
fn key_limit(limit: Option<&str>) -> ApiKeyChange {
    ApiKeyChange::Update {
        name: None,
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

#[tokio::test]
async fn a_key_and_its_company_each_have_their_own_limit_or_the_default() {
    let settings = [
        ("rate_limit.limit", "70"),
        ("rate_limit.window", "1h"),
        ("rate_limit.company_limit", "500"),
        ("rate_limit.company_window", "2h"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let company = app.tenant().await.company;
    let new_key = async |limit: Option<&str>| {
        app.key(company, |key| key.rate_limit = limit.map(quota))
            .await
    };
    let policy_of = async |tenant: &Tenant| -> String {
        let answer = upsert(&app, tenant).await;
        answer.header("ratelimit-policy").to_owned()
    };
    let policy = |key: &str, company: &str| format!("\"default\";{key}, \"company\";{company}");

    let own = new_key(Some("10/90s")).await;
    let default = new_key(None).await;
    assert_eq!(policy_of(&own).await, policy("q=10;w=90", "q=500;w=7200"));
    assert_eq!(
        policy_of(&default).await,
        policy("q=70;w=3600", "q=500;w=7200")
    );

    app.change_company(company, company_limit(Some("40/2m")))
        .await;
    let is = async |tenant: &Tenant, key: &str, company: &str| {
        let wanted = policy(key, company);
        until(&app, tenant, |answer| {
            answer.header("ratelimit-policy") == wanted
        })
        .await;
    };
    is(&own, "q=10;w=90", "q=40;w=120").await;
    is(&default, "q=70;w=3600", "q=40;w=120").await;

    app.change_key(&own.client, key_limit(None)).await;
    is(&own, "q=70;w=3600", "q=40;w=120").await;
    app.change_company(company, company_limit(None)).await;
    is(&own, "q=70;w=3600", "q=500;w=7200").await;
}

#[tokio::test]
async fn the_keys_of_a_company_share_its_limit() {
    let shared = TestApp::start().await;
    let alone = TestApp::with(Options {
        without_redis: true,
        ..Options::default()
    })
    .await;

    for app in [shared, alone] {
        let one = app.tenant_with_limit("100/24h").await;
        let other = app.key(one.company, |_| {}).await;
        let stranger = app.tenant().await;
        app.change_company(one.company, company_limit(Some("3/24h")))
            .await;

        for (tenant, left) in [(&one, 2), (&other, 1), (&one, 0)] {
            let answer = until(&app, tenant, |answer| left_of(answer).1 == 3).await;
            assert_eq!((answer.status, left_of(&answer)), (200, (left, 3)));
        }
        let new = app.key(one.company, |_| {}).await;
        for tenant in [&one, &other, &new] {
            let refused = upsert(&app, tenant).await;
            let details = refused.error(429, "rate_limit_exceeded")["details"].clone();
            assert_eq!((&details["limit"], left_of(&refused)), (&json!(3), (0, 3)));
            let wait: u64 = refused.header("retry-after").parse().unwrap();
            assert!((28_000..=28_800).contains(&wait), "{wait}");
        }
        assert_eq!(upsert(&app, &stranger).await.status, 200);
        // A refusal by the company's limit does not count towards the key's.
        let limits = upsert(&app, &one).await;
        assert!(
            limits.header("ratelimit").starts_with("\"default\";r=98;"),
            "{limits:?}"
        );
    }
}

#[tokio::test]
async fn a_raised_limit_applies_immediately_to_what_was_used() {
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
        // Two earlier requests and this one.
        assert_eq!(left_of(&first), (2, 5));
    }
}

#[tokio::test]
async fn a_lowered_limit_applies_immediately_to_what_was_used() {
    // Neither default limit is reached.
    let settings = [
        ("rate_limit.limit", "1000000000"),
        ("rate_limit.window", "24h"),
        ("rate_limit.company_limit", "1000000000"),
        ("rate_limit.company_window", "24h"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let of_key = app.tenant_with_limit("10000/24h").await;
    let of_company = app.tenant().await;
    app.change_company(of_company.company, company_limit(Some("10000/24h")))
        .await;
    for tenant in [&of_key, &of_company] {
        for _ in 0..4 {
            upsert(&app, tenant).await.result();
        }
        assert_eq!(left_of(&upsert(&app, tenant).await), (9_995, 10_000));
    }

    app.change_key(&of_key.client, key_limit(Some("8/24h")))
        .await;
    app.change_company(of_company.company, company_limit(Some("8/24h")))
        .await;
    // It has cached neither key.
    let replica = app.replica(&settings).await;

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
