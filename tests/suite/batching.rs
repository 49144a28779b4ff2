//! Upserts that share a transaction. Each has the result that it would have alone, and none waits for the
//! locks of another.

use std::sync::Arc;

use rubrica::domain::Scope;
use serde_json::{Value, json};

use crate::harness::{Tenant, TestApp, eventually, postgres};

const SCOPES: [Scope; 4] = [
    Scope::ContactsRead,
    Scope::ContactsWrite,
    Scope::ContactsErase,
    Scope::CustomFieldsWrite,
];

fn contacts(count: usize, of: impl Fn(usize) -> Value) -> Vec<Value> {
    (0..count).map(of).collect()
}

#[tokio::test]
async fn a_locked_contact_delays_no_other_and_is_written_in_the_end() {
    let app = TestApp::with_settings(&[("database.deadline", "1m")]).await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let all = contacts(100, |n| json!({"email": format!("jane{n}@example.com")}));
    app.upsert_batch(&tenant.key, &all).await;
    let session = app.sql().await;
    let lock = "begin; select from contacts where email = 'jane50@example.com' for update";
    session.batch_execute(lock).await.expect("a lock");

    let app = Arc::new(app);
    let locked = tokio::spawn({
        let (app, key) = (Arc::clone(&app), tenant.key.clone());
        let changes = contacts(
            100,
            |n| json!({"email": format!("jane{n}@example.com"), "customFields": {"n": 1}}),
        );
        async move { app.upsert_batch(&key, &changes).await }
    });
    let written = "select count(*) from contacts where custom_fields ? 'n'";
    let count = async || app.count(written).await;
    eventually("the other 99", count, |count| *count == 99).await;
    for key in [&tenant.key, &other.key] {
        let answer = app.upsert(key, &json!({"email": "joe@example.com"})).await;
        assert_eq!(answer.result()["outcome"], "created");
    }
    assert!(!locked.is_finished());
    session.batch_execute("commit").await.expect("no lock");

    let answer = locked.await.expect("no panic");

    let results = answer.json();
    assert!(
        results
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["outcome"] == "updated")
    );
    assert_eq!(app.count(written).await, 100);
}

#[tokio::test]
async fn a_full_queue_refuses_immediately_and_its_calls_are_written() {
    let settings = [
        ("database.deadline", "1m"),
        ("batching.queue_capacity", "200"),
    ];
    let (app, proxy) = TestApp::behind_proxy(postgres().await, &settings).await;
    let app = Arc::new(app);
    let tenant = app.tenant().await;
    app.upsert(&tenant.key, &json!({"email": "first@example.com"}))
        .await
        .result();
    proxy.hold_answers();

    // One is a direct call and is held; one company gets half of the queue.
    let waiting: Vec<_> = (0..101)
        .map(|n| {
            let (app, key) = (Arc::clone(&app), tenant.key.clone());
            let body = json!({"email": format!("jane{n}@example.com")});
            tokio::spawn(async move { app.upsert(&key, &body).await })
        })
        .collect();
    let depth = async || app.metric(&["rubrica_upsert_queue_depth"]).await;
    eventually("a full queue", depth, |depth| *depth >= 100.0).await;
    let refused = app
        .upsert(&tenant.key, &json!({"email": "late@example.com"}))
        .await;
    proxy.release();

    refused.error(503, "service_unavailable");
    assert!(["1", "2", "3"].contains(&refused.header("retry-after")));
    for answer in waiting {
        let answer = answer.await.expect("no panic");
        assert_eq!(answer.result()["outcome"], "created");
    }
    assert_eq!(app.count("select count(*) from contacts").await, 102);
}

#[tokio::test]
async fn unchanged_contacts_of_a_batch_are_neither_written_nor_locked() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let all = contacts(100, |n| {
        json!({
            "email": format!("jane{n}@example.com"), "phone": format!("+3933912345{:02}", n),
            "customFields": {"n": n}, "marketingConsent": {"email": true},
        })
    });
    app.upsert_batch(&tenant.key, &all).await;
    let versions = "select sum(xmin::text::bigint + xmax::text::bigint)::bigint from contacts";
    let before = app.count(versions).await;

    let answer = app.upsert_batch(&tenant.key, &all).await;

    let results = answer.json();
    assert!(
        results
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["outcome"] == "unchanged")
    );
    assert_eq!(app.count(versions).await, before);
}

#[tokio::test]
async fn every_outcome_in_a_batch_is_what_a_single_call_would_get() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let upsert = async |body: Value| app.upsert(&tenant.key, &body).await.result();
    let held = upsert(json!({"email": "held@example.com", "phone": "+393391234567"})).await;
    upsert(json!({"email": "same@example.com", "customFields": {"a": {"b": 1}}})).await;
    upsert(json!({"email": "gone@example.com", "customFields": {"kept": true}})).await;
    let gone = upsert(json!({"email": "gone@example.com"})).await;
    app.delete(&gone["contactId"]).await;
    for email in ["plain@example.com", "thief@example.com"] {
        upsert(json!({"email": email})).await;
    }

    let answer = app
        .upsert_batch(
            &tenant.key,
            &[
                json!({"email": "new@example.com", "marketingConsent": {"email": true}}),
                json!({"email": "same@example.com", "customFields": {"a": {"b": 1}}}),
                json!({"email": "same@example.com", "customFields": {"a": {"c": null, "d": 2}}}),
                json!({"email": "gone@example.com"}),
                json!({"email": "plain@example.com", "phone": "+12025550123"}),
                json!({"email": "thief@example.com", "phone": "+393391234567"}),
                json!({"email": "new@example.com", "marketingConsent": {"email": false}}),
            ],
        )
        .await;

    assert_eq!(answer.status, 207);
    let results = answer.json();
    let outcomes: Vec<&Value> = (0..7).map(|n| &results[n]["outcome"]).collect();
    let expected = ["created", "unchanged", "updated", "restored", "updated"];
    assert_eq!(outcomes[..5], expected.map(Value::from).each_ref()[..]);
    assert_eq!(results[5]["error"]["code"], "duplicate_resource");
    let holder = &results[5]["error"]["details"]["conflictingContactId"];
    assert_eq!(holder, &held["contactId"]);
    assert_eq!(outcomes[6], "updated");
    let same = app.row(&results[2]["contactId"]).await;
    assert_eq!(same["custom_fields"], json!({"a": {"b": 1, "d": 2}}));
    let events = app.consent_events(&results[0]["contactId"]).await;
    assert_eq!(events.len(), 2);
}

#[tokio::test]
async fn a_batch_applies_suppressions_and_updates_filters() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_scopes(&SCOPES).await;
    erased_after_an_opt_out(&app, &tenant, "jane0@example.com").await;
    let field = json!({"key": "plan", "displayName": "Plan", "type": "text", "filterable": true});
    assert_eq!(app.define(&tenant.key, &field).await.status, 201);
    let all = contacts(20, |n| {
        json!({
            "email": format!("jane{n}@example.com"), "customFields": {"plan": "pro"},
            "marketingConsent": {"email": true},
        })
    });

    let created = app.upsert_batch(&tenant.key, &all).await;
    let changed = contacts(
        10,
        |n| json!({"email": format!("jane{n}@example.com"), "customFields": {"plan": "free"}}),
    );
    app.upsert_batch(&tenant.key, &changed).await;

    let results = created.json();
    assert_eq!(results[0]["warnings"][0]["code"], "consent_suppressed");
    assert_eq!(results[1].get("warnings"), None);
    let opted_in = "select count(*) from contacts where consent_email";
    assert_eq!(app.count(opted_in).await, 19);
    for plan in ["pro", "free"] {
        let listed = app
            .list_contacts(&tenant.key, &format!("customFields.plan={plan}"))
            .await;
        assert_eq!(listed.json()["data"].as_array().unwrap().len(), 10);
    }
}

async fn erased_after_an_opt_out(app: &TestApp, tenant: &Tenant, email: &str) {
    let body = json!({"email": email, "marketingConsent": {"email": false}});
    let contact = app.upsert(&tenant.key, &body).await.result();
    let id = contact["contactId"].as_str().expect("an id");
    assert_eq!(app.erase_contact(&tenant.key, id).await.status, 204);
}

#[tokio::test]
async fn retries_of_one_company_do_not_block_the_retries_of_another() {
    let settings = [
        ("database.deadline", "5s"),
        ("database.lock_timeout", "100ms"),
    ];
    let app = Arc::new(TestApp::with_settings(&settings).await);
    let (hot, other) = (app.tenant().await, app.tenant().await);
    for (tenant, email) in [(&hot, "hot@example.com"), (&other, "jane@example.com")] {
        app.upsert(&tenant.key, &json!({"email": email}))
            .await
            .result();
    }
    let lock = async |email: &str| {
        let session = app.sql().await;
        let lock = format!("begin; select from contacts where email = '{email}' for update");
        session.batch_execute(&lock).await.expect("a lock");
        session
    };
    let hot_lock = lock("hot@example.com").await;
    let waiting: Vec<_> = (0..10)
        .map(|n| {
            let (app, key) = (Arc::clone(&app), hot.key.clone());
            let body = json!({"email": "hot@example.com", "customFields": {"n": n}});
            tokio::spawn(async move { app.upsert(&key, &body).await })
        })
        .collect();
    let retries = async || app.metric(&["database_retries_total"]).await;
    eventually("retries", retries, |count| *count >= 20.0).await;

    // Its contact is locked for a short time, too, so that it is retried alone.
    let short_lock = lock("jane@example.com").await;
    let before = retries().await;
    let body = json!({"email": "jane@example.com", "customFields": {"n": 1}});
    let release = async {
        eventually("more retries", retries, |count| *count > before + 3.0).await;
        short_lock.batch_execute("commit").await.expect("no lock");
    };
    let (answer, ()) = tokio::join!(app.upsert(&other.key, &body), release);
    hot_lock.batch_execute("commit").await.expect("no lock");

    assert_eq!(answer.result()["outcome"], "updated");
    for answer in waiting {
        let status = answer.await.expect("no panic").status;
        assert!([200, 503].contains(&status), "{status}");
    }
}

#[tokio::test]
async fn one_slow_call_fails_without_its_batch() {
    let settings = [
        ("database.deadline", "30s"),
        ("database.statement_timeout", "2s"),
    ];
    let (app, proxy) = TestApp::behind_proxy(postgres().await, &settings).await;
    let slow = "create function sleep() returns trigger language plpgsql as
            $$ begin perform pg_sleep(1000); return new; end; $$;
        create trigger sleep before insert on contacts for each row
            when (new.email = 'slow@example.com') execute function sleep()";
    app.sql()
        .await
        .batch_execute(slow)
        .await
        .expect("a trigger");
    let (first, own, other) = (app.tenant().await, app.tenant().await, app.tenant().await);
    for tenant in [&first, &own, &other] {
        let body = json!({"email": "known@example.com"});
        app.upsert(&tenant.key, &body).await.result();
    }

    // The first is a direct call and is held, so that the others share the next transaction.
    let depth = async || app.metric(&["rubrica_upsert_queue_depth"]).await;
    let body = |email: &str| json!({"email": format!("{email}@example.com")});
    let (ahead, slow, same, another) = (body("a"), body("slow"), body("b"), body("c"));
    proxy.hold_answers();
    let release = async {
        eventually("a batch", depth, |depth| *depth >= 3.0).await;
        proxy.release();
    };
    let later = async {
        let held = async || app.count(HELD).await;
        eventually("the first call at Postgres", held, |count| *count == 1).await;
        tokio::join!(
            app.upsert(&own.key, &slow),
            app.upsert(&own.key, &same),
            app.upsert(&other.key, &another),
            release,
        )
    };
    let (ahead, (slow, same, another, ())) = tokio::join!(app.upsert(&first.key, &ahead), later);

    slow.error(503, "service_unavailable");
    for answer in [ahead, same, another] {
        assert_eq!(answer.result()["outcome"], "created");
    }
}

/// Whether the first call was committed.
const HELD: &str = "select count(*) from contacts where email = 'a@example.com'";
