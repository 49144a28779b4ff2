//! The usage of API keys: counting, flushing and retention.

mod counting;
mod recording;
mod retention;

use rubrica::ambient;
use rubrica::domain::{ApiKey, HourlyUsage, RequestCounts};
use serde_json::json;
use time::OffsetDateTime;

use crate::harness::{Tenant, TestApp, eventually};

const SOON: (&str, &str) = ("usage.flush_interval", "100ms");

/// All hours of a tenant's key.
async fn hours(app: &TestApp, tenant: &Tenant) -> Vec<HourlyUsage> {
    let (from, to) = (
        OffsetDateTime::UNIX_EPOCH,
        time::macros::datetime!(9999-01-01 0:00 UTC),
    );
    app.store
        .usage(tenant.company, &tenant.client, from, to)
        .await
        .expect("the database answers")
        .expect("the key is there")
}

/// The stored usage of a tenant's key over all hours, because a test may run over the turn of an hour.
async fn counts(app: &TestApp, tenant: &Tenant) -> RequestCounts {
    let mut all = RequestCounts::default();
    for hour in hours(app, tenant).await {
        all.add(hour.counts);
    }
    all
}

async fn until_counted(app: &TestApp, tenant: &Tenant, requests: i64) -> RequestCounts {
    let counts = async || counts(app, tenant).await;
    eventually("the counts", counts, |counts| counts.requests == requests).await
}

async fn key_of(app: &TestApp, tenant: &Tenant) -> ApiKey {
    let keys = app
        .store
        .list_api_keys(tenant.company, ambient::now())
        .await
        .expect("keys");
    let key = keys.into_iter().find(|key| key.client_id == tenant.client);
    key.expect("the key is listed")
}

async fn upsert(app: &TestApp, tenant: &Tenant) {
    let answer = app
        .upsert(&tenant.key, &json!({"email": "jane@example.com"}))
        .await;
    answer.result();
}
