//! Limits that replicas share in Redis, and their behaviour without it.

use crate::harness::{Options, Redis, TestApp, redis};

use super::{left_of, until, upsert};

#[tokio::test]
async fn replicas_share_one_rate_limit() {
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
async fn redis_keys_have_one_hash_tag_no_secret_and_an_expiry() {
    let settings = [
        ("rate_limit.company_limit", "8"),
        ("rate_limit.company_window", "24h"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let tenant = app.tenant_with_limit("4/24h").await;
    upsert(&app, &tenant).await.result();
    let mut redis = redis().await.connection().await;
    let pattern = format!("{}:*", app.settings.redis.prefix);

    let names: Vec<String> = redis::cmd("KEYS")
        .arg(pattern)
        .query_async(&mut redis)
        .await
        .unwrap();

    // The key's and its company's, in one slot of a cluster.
    assert_eq!(names.len(), 2, "{names:?}");
    let tag = format!("{{{}}}", tenant.company);
    for name in &names {
        assert!(name.contains(&tag), "{name}");
        assert_eq!(name.matches(['{', '}']).count(), 2, "{name}");
    }
    let name = names.iter().find(|name| name.contains(":key:")).unwrap();
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
    // One of four requests is refilled within six hours.
    assert!((1..=21_600_000).contains(&lifetime), "{lifetime}");
}

#[tokio::test]
async fn without_redis_each_replica_follows_its_setting_and_recovers_by_itself() {
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
        let policy = answer.header("ratelimit-policy");
        assert_eq!(policy, "\"default\";q=2;w=86400, \"company\";q=2000;w=60");
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
        let policy = answer.header("ratelimit-policy");
        assert_eq!(policy, "\"default\";q=6;w=86400, \"company\";q=6000;w=60");
        let ready: serde_json::Value = app.ops("/readyz").await.json();
        assert_eq!(ready["redis"], "up");
    }
}

async fn fallback(app: &TestApp) -> f64 {
    app.metric(&["rubrica_rate_limit_fallback"]).await
}
