//! Three replicas on one database: the changes of administrators reach all of them.
//!
//! The promise is one second with Redis and `auth.cache_ttl` without. A slow machine fails no test: each
//! waits for the change and prints how long it took.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rubrica::config::Settings;
use rubrica::domain::{ApiKeyChange, CompanyChange, Scope};
use serde_json::json;

use crate::harness::{Answer, Options, Redis, Tenant, TestApp, eventually};

/// The documented delay with Redis.
const PROMISE: Duration = Duration::from_secs(1);

struct Replicas([TestApp; 3]);

impl Replicas {
    /// Three replicas on the shared Redis, whose caches only an announced change refreshes.
    async fn start() -> Self {
        let one = TestApp::start().await;
        let (two, three) = (one.replica(&[]).await, one.replica(&[]).await);
        Self([one, two, three])
    }

    /// Three replicas on a Redis that can be stopped, whose cached keys expire after a while.
    async fn on(redis: &Redis, cache_ttl: &str) -> Self {
        let options = |database, prefix| Options {
            redis: Some(redis),
            database,
            prefix,
            settings: vec![("auth.cache_ttl", cache_ttl.to_owned())],
            ..Options::default()
        };
        let one = TestApp::with(options(None, None)).await;
        let database = Some(one.database().to_owned());
        let prefix = Some(one.settings.redis.prefix.clone());
        let two = TestApp::with(options(database.clone(), prefix.clone())).await;
        let three = TestApp::with(options(database, prefix)).await;
        Self([one, two, three])
    }

    /// The replica that makes the changes.
    const fn one(&self) -> &TestApp {
        &self.0[0]
    }

    /// Makes all replicas cache a key.
    async fn warm(&self, tenant: &Tenant) {
        self.until(tenant, &is(200)).await;
    }

    /// Waits until every replica answers the key's requests like this, and returns how long it took.
    async fn until(&self, tenant: &Tenant, is_so: &impl Fn(&Answer) -> bool) -> Duration {
        let start = Instant::now();
        let body = json!({"email": "jane@example.com"});
        join_all(self.0.iter().map(async |replica| {
            let upsert = async || replica.upsert(&tenant.key, &body).await;
            eventually("the change", upsert, is_so).await;
        }))
        .await;
        start.elapsed()
    }
}

fn is(status: u16) -> impl Fn(&Answer) -> bool {
    move |answer| answer.status == status
}

fn has_limit(limit: &'static str) -> impl Fn(&Answer) -> bool {
    move |answer| answer.status == 200 && answer.header("ratelimit-policy").contains(limit)
}

fn suspended(flag: bool) -> CompanyChange {
    CompanyChange {
        suspended: Some(flag),
        ..CompanyChange::default()
    }
}

/// Makes each kind of change, and prints how long it took to reach all replicas.
async fn change_everything(replicas: &Replicas) -> Vec<(&'static str, Duration)> {
    let app = replicas.one();
    let tenant = app.tenant().await;
    let company = tenant.company;
    let mut took = Vec::new();

    replicas.warm(&tenant).await;
    let limit = ApiKeyChange::Update {
        name: None,
        rate_limit: Some(Some("900/60s".parse().unwrap())),
        scopes: None,
    };
    app.change_key(&tenant.client, limit).await;
    took.push((
        "a key's limit",
        replicas
            .until(&tenant, &has_limit("\"default\";q=900;"))
            .await,
    ));

    let scopes = ApiKeyChange::Update {
        name: None,
        rate_limit: None,
        scopes: Some([Scope::ContactsRead].into_iter().collect()),
    };
    app.change_key(&tenant.client, scopes).await;
    took.push(("a key's scopes", replicas.until(&tenant, &is(403)).await));

    let tenant = app.key(company, |_| {}).await;
    replicas.warm(&tenant).await;
    let limit = CompanyChange {
        rate_limit: Some(Some("800/60s".parse().unwrap())),
        ..CompanyChange::default()
    };
    app.change_company(company, limit).await;
    took.push((
        "a company's limit",
        replicas
            .until(&tenant, &has_limit("\"company\";q=800;"))
            .await,
    ));

    app.change_company(company, suspended(true)).await;
    took.push(("a suspension", replicas.until(&tenant, &is(403)).await));
    app.change_company(company, suspended(false)).await;
    took.push(("its end", replicas.until(&tenant, &is(200)).await));

    let rotated = app.rotate_key(&tenant, "0d").await;
    let (successor, _) = rotated.expect("it is rotated");
    took.push(("a rotation", replicas.until(&tenant, &is(401)).await));
    replicas.warm(&successor).await;

    app.change_key(&successor.client, ApiKeyChange::Revoke)
        .await;
    took.push(("a revocation", replicas.until(&successor, &is(401)).await));
    took
}

#[tokio::test]
async fn with_redis_every_change_reaches_all_three_replicas_within_a_second() {
    let replicas = Box::pin(Replicas::start()).await;

    let took = change_everything(&replicas).await;

    println!("promised: {PROMISE:?}; {took:?}");
    let quickest = took.iter().map(|(_, took)| took).min().expect("changes");
    assert!(*quickest < PROMISE, "not even one is in time: {took:?}");
}

#[tokio::test]
async fn without_redis_every_change_reaches_all_three_replicas_when_their_entries_expire() {
    // Short, instead of the default of 30 s.
    let cache_ttl = "1s";
    let redis = Redis::start().await;
    let replicas = Replicas::on(&redis, cache_ttl).await;
    redis.stop("KILL");

    let took = change_everything(&replicas).await;

    println!("promised: {cache_ttl}; {took:?}");
}

#[tokio::test]
async fn a_replica_applies_changes_it_missed_when_redis_is_back() {
    let redis = Redis::start().await;
    let replicas = Replicas::on(&redis, "1h").await;
    let tenant = replicas.one().tenant().await;
    replicas.warm(&tenant).await;
    redis.stop("KILL");
    let revoke = ApiKeyChange::Revoke;
    replicas.one().change_key(&tenant.client, revoke).await;
    replicas.warm(&tenant).await;

    redis.run();

    replicas.until(&tenant, &is(401)).await;
}

#[tokio::test]
async fn by_default_a_cached_key_expires_after_thirty_seconds() {
    let app = TestApp::start().await;

    let mut variables = app.variables.clone();
    variables.remove("RUBRICA__AUTH__CACHE_TTL");
    let settings = Settings::load(None, variables).expect("settings are right");
    assert_eq!(settings.auth.cache_ttl, Duration::from_secs(30));
}
