//! `POST /public/v1/contacts/batch`: independent upserts, in order, each with a result.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Options, Redis, SendAndRead, Tenant, TestApp};

async fn batch(app: &TestApp, tenant: &Tenant, contacts: &[Value]) -> Answer {
    app.upsert_batch(&tenant.key, contacts).await
}

fn items(answer: &Answer) -> Vec<Value> {
    answer.json().as_array().expect("an array").clone()
}

#[tokio::test]
async fn a_thousand_contacts_are_answered_in_order() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let contacts: Vec<Value> = (0..1000)
        .map(|n| json!({"email": format!("jane{n}@example.com")}))
        .collect();

    let first = batch(&app, &tenant, &contacts).await;
    let second = batch(&app, &tenant, &contacts).await;

    assert_eq!((first.status, second.status), (200, 200));
    let ids = |answer: &Answer| -> Vec<Value> {
        items(answer)
            .iter()
            .map(|item| item["contactId"].clone())
            .collect()
    };
    assert_eq!(ids(&first), ids(&second));
    assert!(
        items(&first)
            .iter()
            .all(|item| item["outcome"] == "created")
    );
    assert!(
        items(&second)
            .iter()
            .all(|item| item["outcome"] == "unchanged")
    );
    for n in [0, 500, 999] {
        let email = app.row(&ids(&first)[n]).await["email"].clone();
        assert_eq!(email, json!(format!("jane{n}@example.com")));
    }
    let transactions = "select count(distinct xmin::text) from contacts";
    assert!(
        app.count(transactions).await <= 10,
        "few transactions, not a thousand"
    );
}

#[tokio::test]
async fn bad_contacts_in_a_batch_do_not_affect_the_good_ones() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    app.upsert(&tenant.key, &json!({"email": "a@example.com"}))
        .await
        .result();
    let holder = json!({"email": "b@example.com", "phone": "+393391234567"});
    app.upsert(&tenant.key, &holder).await.result();
    let many: Value = (0..251)
        .map(|n| (n.to_string(), json!(n)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let contacts = [
        json!({"email": "good@example.com"}),
        json!({"email": "x@"}),
        json!({"email": "a@example.com", "phone": "+393391234567"}),
        json!("text"),
        json!({"email": "c@example.com", "phone": "12"}),
        json!({"email": "d@example.com", "customFields": many}),
        json!({"email": "e@example.com", "customFields": {"large": "x".repeat(70_000)}}),
        json!({"email": "f@example.com", "nickname": "Jay"}),
        json!({"email": "fine@example.com"}),
    ];

    let answer = batch(&app, &tenant, &contacts).await;

    assert_eq!(answer.status, 207, "{}", answer.text);
    let codes: Vec<Value> = items(&answer)
        .iter()
        .map(|item| {
            item.get("outcome")
                .unwrap_or(&item["error"]["code"])
                .clone()
        })
        .collect();
    assert_eq!(
        codes,
        [
            "created",
            "validation_error",
            "duplicate_resource",
            "validation_error",
            "invalid_phone_number",
            "validation_error",
            "validation_error",
            "validation_error",
            "created",
        ]
    );
    assert_eq!(items(&answer)[2]["error"]["details"]["field"], "phone");
    assert_eq!(app.count("select count(*) from contacts").await, 4);
}

#[tokio::test]
async fn contacts_of_a_batch_that_share_an_identifier_are_applied_in_order() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let contacts = [
        json!({"email": "z@example.com", "phone": "+393391234567", "customFields": {"n": 1}}),
        json!({"email": "a@example.com"}),
        json!({"email": "b@example.com", "phone": "+393391234567", "customFields": {"n": 2}}),
        json!({"email": "b@example.com", "customFields": {"n": 3}}),
        json!({"email": "z@example.com"}),
    ];

    let results = items(&batch(&app, &tenant, &contacts).await);

    let outcomes: Vec<&Value> = results.iter().map(|result| &result["outcome"]).collect();
    assert_eq!(
        outcomes,
        ["created", "created", "updated", "updated", "created"]
    );
    assert_eq!(results[2]["matchedBy"], "phone");
    assert_eq!(results[3]["contactId"], results[0]["contactId"]);
    let row = app.row(&results[0]["contactId"]).await;
    assert_eq!(
        (&row["email"], &row["custom_fields"]["n"]),
        (&json!("b@example.com"), &json!(3))
    );
}

#[tokio::test]
async fn batches_with_the_same_contacts_in_opposite_orders_do_not_deadlock() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("100000/1s").await;
    let contacts = |round: usize, is_reversed: bool| {
        let contact = |n: usize| json!({"email": format!("jane{n}@example.com"), "customFields": {"round": round}});
        let mut contacts: Vec<Value> = (0..100).map(contact).collect();
        if is_reversed {
            contacts.reverse();
        }
        contacts
    };

    let answers = join_all(
        (0..12).map(async |round| batch(&app, &tenant, &contacts(round, round % 2 == 1)).await),
    )
    .await;

    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(app.count(deadlocks).await, 0);
    assert_eq!(app.count("select count(*) from contacts").await, 100);
}

#[tokio::test]
async fn a_malformed_batch_is_refused_as_a_whole() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let too_many: Vec<Value> = (0..1001)
        .map(|n| json!({"email": format!("j{n}@example.com")}))
        .collect();

    for (body, field) in [
        (json!([]), "body"),
        (json!({}), "contacts"),
        (json!({"contacts": null}), "contacts"),
        (json!({"contacts": {}}), "contacts"),
        (json!({"contacts": []}), "contacts"),
        (json!({"contacts": too_many}), "contacts"),
        (
            json!({"contacts": [{"email": "a@example.com"}], "dryRun": true}),
            "dryRun",
        ),
    ] {
        let answer = app
            .contact(Method::POST, &tenant.key, "batch")
            .json(&body)
            .answer()
            .await;

        assert_eq!(
            answer.error(422, "validation_error")["details"]["field"],
            field
        );
    }
    let body = format!("{{\"contacts\": [\"{}\"]}}", "x".repeat(8 * 1024 * 1024));
    let request = app.contact(Method::POST, &tenant.key, "batch").body(body);
    request
        .header("content-type", "application/json")
        .answer()
        .await
        .error(413, "payload_too_large");
    app.contact(Method::GET, &tenant.key, "batch")
        .answer()
        .await
        .error(405, "method_not_allowed");
    assert_eq!(app.count("select count(*) from contacts").await, 0);
}

#[tokio::test]
async fn a_batch_costs_one_request_per_hundred_contacts_rounded_up() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("5/1h").await;
    let contacts = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|n| json!({"email": format!("jane{n}@example.com")}))
            .collect()
    };

    let first = batch(&app, &tenant, &contacts(201)).await;
    assert_eq!(
        (first.status, first.header("x-ratelimit-remaining")),
        (200, "2")
    );

    let refused = batch(&app, &tenant, &contacts(300)).await;
    refused.error(429, "rate_limit_exceeded");
    assert_eq!(
        refused.header("x-ratelimit-remaining"),
        "2",
        "a refused batch takes nothing"
    );

    let never = batch(&app, &tenant, &contacts(501)).await;
    assert_eq!(
        never.error(422, "validation_error")["details"]["field"],
        "contacts"
    );
    assert_eq!(never.header("x-ratelimit-remaining"), "1", "it costs one");

    assert_eq!(
        batch(&app, &tenant, &contacts(50))
            .await
            .header("x-ratelimit-remaining"),
        "0"
    );
    let empty = app
        .contact(Method::POST, &tenant.key, "batch")
        .body("no JSON")
        .answer()
        .await;
    empty.error(429, "rate_limit_exceeded");
}

#[tokio::test]
async fn a_batch_that_fails_costs_one_request() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("3/24h").await;
    let send = async |body: &str| {
        let request = app.contact(Method::POST, &tenant.key, "batch");
        let request = request.header("content-type", "application/json");
        request.body(body.to_owned()).answer().await
    };

    for (body, status, left) in [("no JSON", 400, "2"), ("[]", 422, "1"), ("{}", 422, "0")] {
        let answer = send(body).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.header("x-ratelimit-remaining"), left);
    }
    send("no JSON").await.error(429, "rate_limit_exceeded");
}

#[tokio::test]
async fn a_batch_within_the_limit_of_its_key_succeeds_eventually_without_redis() {
    let redis = Redis::start().await;
    let options = Options {
        redis: Some(&redis),
        settings: vec![("rate_limit.replicas", "4".to_owned())],
        ..Options::default()
    };
    let app = TestApp::with(options).await;
    let tenant = app.tenant_with_limit("10/60s").await;
    redis.stop("KILL");
    let contacts: Vec<Value> = (0..500)
        .map(|n| json!({"email": format!("jane{n}@example.com")}))
        .collect();

    let answer = batch(&app, &tenant, &contacts).await;

    // This replica's share is 2, and the batch costs 5: that is for later, not for never.
    answer.error(429, "rate_limit_exceeded");
}
