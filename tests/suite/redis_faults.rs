//! A reachable but useless Redis: callers get no error, operators one log line and a steady metric.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use redis::AsyncCommands;
use rubrica::domain::ApiKeyChange;
use serde_json::json;

use crate::harness::{
    Answer, Binary, Options, Proxy, Redis, SendAndRead, Serving, Tenant, TestApp, eventually,
};

const CALLERS: usize = 4;
/// The log messages when rate limits stop being shared and when they are shared again.
const LOST: &str = "each replica applies rate limits on its own";
const BACK: &str = "rate limits are shared again";

async fn fallback(serving: &Serving) -> f64 {
    let metrics = serving.ops("/metrics").await;
    metrics.metric(&["rubrica_rate_limit_fallback"])
}

async fn decisions(app: &TestApp, limiter: &str) -> f64 {
    app.metric(&["rate_limit_decisions_total", limiter]).await
}

async fn upsert(app: &TestApp, tenant: &Tenant) -> Answer {
    let body = json!({"email": "jane@example.com"});
    app.upsert(&tenant.key, &body).await
}

/// Sends upserts from several callers until `is_over`. All are answered with 200.
async fn load(serving: &Serving, tenant: &Tenant, is_over: &AtomicBool) {
    join_all((0..CALLERS).map(async |caller| {
        while !is_over.load(Ordering::Relaxed) {
            let answer = serving
                .http()
                .post(serving.url("/public/v1/contacts"))
                .bearer_auth(&tenant.key)
                .json(&json!({"email": format!("jane{caller}@example.com")}))
                .answer()
                .await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }))
    .await;
}

/// Redis answers PING but refuses writes, from the command `begin` to the command `end`.
async fn refuses_writes(begin: &[&str], end: &[&str]) {
    let redis = Redis::start().await;
    let app = TestApp::with(Options {
        redis: Some(&redis),
        ..Options::default()
    })
    .await;
    let serving = Binary::of(&app).serve().await;
    serving.wait_until_ready().await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let mut connection = redis.connection().await;
    let mut command = async |words: &[&str]| {
        let (name, arguments) = words.split_first().expect("a command");
        let mut command = redis::cmd(name);
        command.arg(arguments);
        let done: redis::RedisResult<()> = command.query_async(&mut connection).await;
        done.expect("Redis does it");
    };
    let is_over = AtomicBool::new(false);

    let outage = async {
        command(begin).await;
        let fallback = async || fallback(&serving).await;
        eventually("the fallback", fallback, |active| *active == 1.0).await;
        for _ in 0..60 {
            assert_eq!(fallback().await, 1.0, "the fallback is steady");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        command(end).await;
        eventually("shared limits", fallback, |active| *active == 0.0).await;
        is_over.store(true, Ordering::Relaxed);
    };
    tokio::join!(load(&serving, &tenant, &is_over), outage);

    serving.until_log(BACK).await;
    let lines = serving.log();
    let said = |message: &str| lines.iter().filter(|line| line.contains(message)).count();
    assert_eq!((said(LOST), said(BACK)), (1, 1), "{lines:?}");
}

#[tokio::test]
async fn a_redis_without_memory_is_logged_once_and_the_metric_stays() {
    refuses_writes(
        &["CONFIG", "SET", "maxmemory", "1"],
        &["CONFIG", "SET", "maxmemory", "0"],
    )
    .await;
}

#[tokio::test]
async fn a_read_only_redis_is_logged_once_and_the_metric_stays() {
    refuses_writes(
        &["REPLICAOF", "127.0.0.1", "1"],
        &["REPLICAOF", "NO", "ONE"],
    )
    .await;
}

#[tokio::test]
async fn a_slow_redis_is_used_from_the_first_call_and_after_a_disconnect() {
    let redis = Redis::start().await;
    let proxy = Proxy::to(redis.port()).await;
    // A new connection takes longer than `redis.timeout`, but a reply does not.
    proxy.delay_answers(Duration::from_millis(200));
    let options = Options {
        settings: vec![
            ("redis.url", format!("redis://127.0.0.1:{}", proxy.port)),
            ("redis.timeout", "600ms".to_owned()),
        ],
        ..Options::default()
    };
    let app = TestApp::with(options).await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    join_all((0..CALLERS).map(|_| upsert(&app, &tenant))).await;
    assert_eq!(decisions(&app, "local").await, 0.0);

    let mut kill = redis::cmd("CLIENT");
    kill.arg(&["KILL", "TYPE", "normal"]);
    let killed: redis::RedisResult<()> = kill.query_async(&mut redis.connection().await).await;
    killed.expect("they are closed");
    upsert(&app, &tenant).await;
    let before = decisions(&app, "redis").await;
    let decided = async || {
        upsert(&app, &tenant).await;
        decisions(&app, "redis").await
    };
    eventually("shared limits", decided, |decided| *decided > before).await;

    let (by_redis, by_itself) = (
        decisions(&app, "redis").await,
        decisions(&app, "local").await,
    );
    join_all((0..CALLERS).map(async |_| {
        for _ in 0..10 {
            upsert(&app, &tenant).await;
        }
    }))
    .await;
    let by_redis = decisions(&app, "redis").await - by_redis;
    let by_itself = decisions(&app, "local").await - by_itself;
    assert!(by_redis > 9.0 * by_itself, "{by_redis} and {by_itself}");
}

#[tokio::test]
async fn an_unreadable_meter_affects_only_its_own_key() {
    let redis = Redis::start().await;
    let app = TestApp::with(Options {
        redis: Some(&redis),
        ..Options::default()
    })
    .await;
    let (text, list, well) = (app.tenant().await, app.tenant().await, app.tenant().await);
    let prefix = &app.settings.redis.prefix;
    let meter = |tenant: &Tenant| {
        let (company, client) = (&tenant.company, &tenant.client);
        format!("{prefix}:rate_limit:{{{company}}}:key:{client}")
    };
    let mut connection = redis.connection().await;
    let set: redis::RedisResult<()> = connection.set(meter(&text), "junk").await;
    set.expect("it is set");
    let pushed: redis::RedisResult<()> = connection.lpush(meter(&list), "junk").await;
    pushed.expect("it is pushed");

    for _ in 0..20 {
        for tenant in [&text, &list, &well] {
            assert_eq!(upsert(&app, tenant).await.status, 200);
        }
        assert_eq!(app.metric(&["rubrica_rate_limit_fallback"]).await, 0.0);
    }

    assert_eq!(decisions(&app, "local").await, 40.0);
    assert_eq!(decisions(&app, "redis").await, 20.0);
}

#[tokio::test]
async fn a_silent_subscription_delays_a_revocation_by_less_than_a_second() {
    let redis = Redis::start().await;
    let proxy = Proxy::to(redis.port()).await;
    let options = Options {
        settings: vec![
            ("redis.url", format!("redis://127.0.0.1:{}", proxy.port)),
            // So that the limits do not delay the calls.
            ("redis.timeout", "20ms".to_owned()),
        ],
        ..Options::default()
    };
    let app = TestApp::with(options).await;

    // A busy machine may be late sometimes, but not every time.
    let mut took = vec![];
    for _ in 0..10 {
        let tenant = app.tenant().await;
        assert_eq!(upsert(&app, &tenant).await.status, 200);
        proxy.silence_connections();
        let start = Instant::now();
        app.change_key(&tenant.client, ApiKeyChange::Revoke).await;
        let status = async || upsert(&app, &tenant).await.status;
        eventually("the revocation", status, |status| *status == 401).await;
        took.push(start.elapsed());
        if took.last() < Some(&Duration::from_secs(1)) {
            return;
        }
    }
    panic!("not even one is in time: {took:?}");
}
