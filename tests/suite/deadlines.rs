//! One deadline for everything that a request does in the database.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{Proxy, TestApp, eventually, postgres};

#[tokio::test]
async fn a_slow_key_lookup_leaves_its_call_the_rest_of_the_deadline() {
    let (app, proxy) =
        TestApp::behind_proxy(postgres().await, &[("database.deadline", "1s")]).await;
    let tenant = app.tenant().await;
    let unknown = app.key(tenant.company, |_| {}).await;
    let body = json!({"email": "jane@example.com"});
    let upsert = async || app.upsert(&tenant.key, &body).await.status;
    eventually("a first upsert", upsert, |status| *status == 200).await;

    // Each takes less than the deadline; both together take more.
    proxy.delay_answers(Duration::from_millis(600));
    let answer = app.upsert(&unknown.key, &body).await;
    proxy.release();

    answer.error(503, "service_unavailable");
}

#[tokio::test]
async fn neither_a_lookup_nor_a_batch_waits_for_several_deadlines() {
    let (app, proxy) =
        TestApp::behind_proxy(postgres().await, &[("database.deadline", "2s")]).await;
    let tenant = app.tenant().await;
    let body = json!({"email": "jane@example.com"});
    let upsert = async || app.upsert(&tenant.key, &body).await.status;
    eventually("a first upsert", upsert, |status| *status == 200).await;
    let batch: Vec<_> = (0..1000)
        .map(|n| json!({"email": format!("jane{n}@example.com")}))
        .collect();

    proxy.hold_answers();
    let start = Instant::now();
    let (found, made) = tokio::join!(
        app.get_contact(&tenant.key, "by-email/jane@example.com"),
        app.upsert_batch(&tenant.key, &batch),
    );
    let took = start.elapsed();
    proxy.release();

    found.error(503, "service_unavailable");
    let results = made.json();
    let results = results.as_array().map_or(&[][..], Vec::as_slice);
    assert!(
        made.status == 503
            || results
                .iter()
                .all(|result| result["error"]["code"] == "service_unavailable")
    );
    // A lookup with two full attempts would take 4 s, and ten parts of a batch 20 s.
    assert!(took < Duration::from_millis(3500), "{took:?}");
}

#[tokio::test]
async fn calls_that_would_wait_past_the_deadline_are_refused_and_the_others_are_served() {
    let settings = [("database.deadline", "4s"), ("batching.size", "2")];
    let (app, proxy) = TestApp::behind_proxy(postgres().await, &settings).await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let some: Vec<_> = (0..5)
        .map(|n| json!({"email": format!("first{n}@example.com")}))
        .collect();
    let batch = async || app.upsert_batch(&tenant.key, &some).await.status;
    eventually("a first batch", batch, |status| *status == 200).await;

    // Five batches of two per second: 40 calls within the deadline.
    proxy.delay_answers(Duration::from_millis(200));
    let answers = join_all((0..400).map(async |n| {
        let email = format!("jane{n}@example.com");
        let answer = app.upsert(&tenant.key, &json!({"email": email})).await;
        (email, answer)
    }))
    .await;
    // Later callers are served as well.
    let again = join_all((0..100).map(async |n| {
        let email = format!("june{n}@example.com");
        let answer = app.upsert(&tenant.key, &json!({"email": email})).await;
        (email, answer)
    }))
    .await;
    proxy.release();

    // Retry-After is how long the calls ahead take: here most of the deadline.
    let waits = again.iter().filter(|(_, answer)| answer.status == 503);
    let waits = waits.map(|(_, answer)| answer.header("retry-after").parse().expect("seconds"));
    let longest: Option<u64> = waits.max();
    assert!(
        longest.is_some_and(|longest| (4..=90).contains(&longest)),
        "{longest:?}"
    );

    for answers in [&answers, &again] {
        let made = answers.iter().filter(|(_, answer)| answer.status == 200);
        assert!(made.count() >= 6);
    }
    let rows = app.sql().await;
    let rows = rows.query("select email from contacts", &[]).await;
    let rows = rows.expect("rows");
    let stored: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    for (email, answer) in answers.iter().chain(&again) {
        if answer.status != 200 {
            answer.error(503, "service_unavailable");
        }
        assert_eq!(
            stored.contains(email),
            answer.status == 200,
            "{email}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn a_call_ends_at_its_deadline_whatever_came_later() {
    let (app, proxy) =
        TestApp::behind_proxy(postgres().await, &[("database.deadline", "2s")]).await;
    let tenant = app.tenant().await;
    let made = async |name: &str| {
        let body = json!({"email": format!("{name}@example.com")});
        app.upsert(&tenant.key, &body).await
    };
    let status = async || made("jane").await.status;
    eventually("a first upsert", status, |status| *status == 200).await;

    // The first goes alone until its deadline. The two others, which end at different times, share what follows.
    proxy.hold_answers();
    let later = async |name: &str, after: u64| {
        tokio::time::sleep(Duration::from_millis(after)).await;
        let start = Instant::now();
        (made(name).await, start.elapsed())
    };
    let (_, (answer, took), _) = tokio::join!(made("joe"), later("june", 300), later("jack", 1800));
    proxy.release();

    answer.error(503, "service_unavailable");
    // Until the deadline of the last one it would be 3.5 s.
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn connections_to_a_slow_server_are_kept() {
    let (app, proxy) =
        TestApp::behind_proxy(postgres().await, &[("database.deadline", "20s")]).await;
    let tenant = app.tenant().await;
    let body = json!({"email": "jane@example.com"});
    let made = async || app.upsert(&tenant.key, &body).await.status == 200;
    eventually("a first upsert", made, |made| *made).await;
    let idle = Duration::from_millis(1200);

    // A connection that was idle is asked whether it works. The first one may be given up.
    proxy.delay_answers(Duration::from_millis(550));
    tokio::time::sleep(idle).await;
    assert!(made().await);
    let before = sessions(&app).await;
    tokio::time::sleep(idle).await;
    assert!(made().await);
    let after = sessions(&app).await;
    proxy.release();

    assert!(after.is_superset(&before), "{after:?} after {before:?}");
}

#[tokio::test]
async fn a_write_delayed_by_the_network_does_not_overwrite_a_newer_one() {
    let settings = [("database.deadline", "500ms")];
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let proxy = Proxy::to(postgres().await.port()).await;
    let held = app.replica_behind(&proxy, &settings).await;
    let jane = |plan: &str, is_in: bool| {
        json!({
            "email": "jane@example.com", "customFields": {"plan": plan},
            "marketingConsent": {"email": is_in},
        })
    };
    let first = jane("first", true);
    // A direct call and a batch, each on its own connection.
    let batch = [first.clone(), json!({"email": "joe@example.com"})];
    let warm_up = async || {
        let one = held.upsert(&tenant.key, &first).await.status;
        [one, held.upsert_batch(&tenant.key, &batch).await.status]
    };
    eventually("both connections", warm_up, |statuses| {
        *statuses == [200; 2]
    })
    .await;

    let (old, new) = (jane("old", true), jane("new", false));
    for is_batched in [false, true] {
        let before = sessions(&app).await;
        proxy.hold_questions();
        if is_batched {
            let batch = [old.clone(), json!({"email": "joe@example.com"})];
            let answer = held.upsert_batch(&tenant.key, &batch).await;
            let outcome = &answer.json()[0]["error"]["code"];
            assert!(answer.status == 503 || outcome == "service_unavailable");
        } else {
            let answer = held.upsert(&tenant.key, &old).await;
            answer.error(503, "service_unavailable");
        }
        for body in [&old, &new] {
            app.upsert(&tenant.key, body).await.result();
        }
        // Its session answers too late to be used again.
        tokio::time::sleep(Duration::from_millis(500)).await;
        proxy.release();
        // The held statement reaches Postgres, followed by the end of its connection. A late write would follow.
        let has_ended = |now: &BTreeSet<i32>| !now.is_superset(&before);
        let now = async || sessions(&app).await;
        eventually("the end of its session", now, has_ended).await;
        tokio::time::sleep(Duration::from_millis(200)).await;

        let contact = app
            .get_contact(&tenant.key, "by-email/jane@example.com")
            .await;
        let contact = contact.json();
        assert_eq!(contact["customFields"]["plan"], "new");
        assert_eq!(contact["marketingConsent"]["email"], false);
    }
}

#[tokio::test]
async fn a_replica_that_vanished_before_its_commit_keeps_no_contact_locked() {
    let app = TestApp::with_settings(&[("database.deadline", "30s")]).await;
    let tenant = app.tenant().await;
    let proxy = Proxy::to(postgres().await.port()).await;
    let settings = [("database.deadline", "500ms")];
    let vanishing = app.replica_behind(&proxy, &settings).await;
    let jane = |n: i32| json!({"email": "jane@example.com", "customFields": {"n": n}});
    let batch = async |n: i32| {
        let batch = [jane(n), json!({"email": "joe@example.com"})];
        vanishing.upsert_batch(&tenant.key, &batch).await
    };
    let status = async || batch(1).await.status;
    eventually("a first batch", status, |status| *status == 200).await;

    proxy.swallow_commits();
    assert_eq!(batch(2).await.status, 503);
    // Without an end of that transaction it waits until its deadline, in vain.
    let answer = app.upsert(&tenant.key, &jane(3)).await;
    proxy.release();

    assert_eq!(answer.result()["outcome"], "updated");
}

async fn sessions(app: &TestApp) -> BTreeSet<i32> {
    let rows = app.sql().await.query(SESSIONS, &[]).await;
    rows.expect("rows").iter().map(|row| row.get(0)).collect()
}

/// The service's connections.
const SESSIONS: &str = "select pid from pg_stat_activity
    where datname = current_database() and application_name = 'rubrica'";
