//! Whose limit counts, and what a change of it does.

use rubrica::domain::Quota;
use rubrica::store::{ApiKeyChange, CompanyChange};
use serde_json::{Value, json};

use super::{left_of, until, upsert};
use crate::harness::{Tenant, TestApp};

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
