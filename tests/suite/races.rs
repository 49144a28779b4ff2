//! Concurrent upserts have the result of some sequence: never two active contacts with one identifier,
//! never a 5xx.

use futures_util::future::join_all;
use rubrica::domain::{CompanyChange, EmailConflict, PhoneConflict};
use serde_json::{Value, json};

use crate::harness::{Answer, Options, Tenant, TestApp};

const ROUNDS: i64 = 12;

/// Checks that no identifier belongs to two active contacts, independently of the unique indexes.
const DUPLICATES: &str = "
    select count(*) from (
        select company_id, email from contacts where deleted_at is null and email is not null
        group by company_id, email having count(*) > 1
        union all
        select company_id, phone from contacts where deleted_at is null and phone is not null
        group by company_id, phone having count(*) > 1
    ) as duplicates";

async fn at_once(app: &TestApp, tenant: &Tenant, bodies: &[Value]) -> Vec<Answer> {
    join_all(bodies.iter().map(|body| app.upsert(&tenant.key, body))).await
}

fn outcomes(answers: &[Answer]) -> Vec<String> {
    let outcome = |answer: &Answer| answer.result()["outcome"].as_str().unwrap().to_owned();
    answers.iter().map(outcome).collect()
}

fn count(outcomes: &[String], wanted: &str) -> usize {
    outcomes.iter().filter(|outcome| *outcome == wanted).count()
}

/// 64 concurrent calls for one new contact, several times: one creates it, and each of the others
/// changes it.
async fn assert_one_contact_a_round(body: impl Fn(i64, usize) -> Value) {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("100000/1s").await;

    for round in 0..ROUNDS {
        let bodies: Vec<Value> = (0..64).map(|index| body(round, index)).collect();

        let outcomes = outcomes(&at_once(&app, &tenant, &bodies).await);

        assert_eq!(count(&outcomes, "created"), 1);
        assert_eq!(count(&outcomes, "updated"), 63);
    }
    assert_eq!(app.count("select count(*) from contacts").await, ROUNDS);
}

#[tokio::test]
async fn concurrent_upserts_of_a_new_email_create_one_contact() {
    assert_one_contact_a_round(|round, index| {
        let name = if index % 2 == 0 { "JANE" } else { "jane" };
        // Each sends a different value.
        json!({"email": format!("{name}{round}@Example.com"), "customFields": {"n": index}})
    })
    .await;
}

#[tokio::test]
async fn concurrent_upserts_of_a_new_phone_create_one_contact() {
    assert_one_contact_a_round(|round, index| {
        // Each sends a different email, which replaces the stored one.
        let email = format!("jane{round}.{index}@example.com");
        json!({"email": email, "phone": format!("+39339123{round:04}")})
    })
    .await;
}

#[tokio::test]
async fn crossed_pairs_of_email_and_phone_never_create_a_duplicate() {
    for choice in [
        EmailConflict::Replace,
        EmailConflict::Reject,
        EmailConflict::Create,
    ] {
        send_crossing_pairs(choice).await;
    }
}

async fn send_crossing_pairs(choice: EmailConflict) {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("100000/1s").await;
    let change = CompanyChange {
        email_conflict: Some(choice),
        ..CompanyChange::default()
    };
    app.change_company(tenant.company, change).await;

    for round in 0..ROUNDS {
        let (a, b) = (
            format!("a{round}@example.com"),
            format!("b{round}@example.com"),
        );
        let (p, q) = (format!("+3933911{round:05}"), format!("+3933922{round:05}"));
        let pairs = [(&a, &q), (&b, &p), (&a, &p), (&b, &q)];
        let bodies: Vec<Value> = (0..32)
            .map(|index| pairs[index % pairs.len()])
            .map(|(email, phone)| json!({"email": email, "phone": phone}))
            .collect();

        let answers = at_once(&app, &tenant, &bodies).await;

        for answer in &answers {
            match answer.status {
                200 => assert!(answer.result()["contactId"].is_string()),
                _ => drop(answer.error(409, "duplicate_resource")),
            }
        }
        assert!(answers.iter().any(|answer| answer.status == 200));
    }
    assert_eq!(app.count(DUPLICATES).await, 0);
}

#[tokio::test]
async fn one_of_two_contacts_that_take_a_phone_concurrently_gets_it() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("100000/1s").await;

    for round in 0..ROUNDS {
        let emails = [
            format!("a{round}@example.com"),
            format!("b{round}@example.com"),
        ];
        for email in &emails {
            app.upsert(&tenant.key, &json!({"email": email}))
                .await
                .result();
        }
        let phone = format!("+3933911{round:05}");
        let bodies = emails.map(|email| json!({"email": email, "phone": phone}));

        let mut answers = at_once(&app, &tenant, &bodies).await;

        answers.sort_by_key(|answer| answer.status);
        assert_eq!(answers[0].result()["outcome"], "updated");
        let error = answers[1].error(409, "duplicate_resource");
        assert_eq!(
            error["details"]["conflictingContactId"],
            answers[0].result()["contactId"]
        );
    }
    assert_eq!(app.count(DUPLICATES).await, 0);
}

#[tokio::test]
async fn an_upsert_that_races_a_deletion_updates_or_restores_the_contact() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("100000/1s").await;
    let contact = json!({"email": "jane@example.com", "phone": "+393391234567"});
    let id = app.upsert(&tenant.key, &contact).await.result()["contactId"].clone();

    for round in 0..60 {
        let body = json!({"email": "jane@example.com", "customFields": {"round": round}});

        let (answer, ()) = tokio::join!(app.upsert(&tenant.key, &body), app.delete(&id));

        let result = answer.result();
        assert_eq!(result["contactId"], id);
        let is_deleted = !app.row(&id).await["deleted_at"].is_null();
        match result["outcome"].as_str().unwrap() {
            "updated" => assert!(is_deleted, "updated first, then deleted"),
            "restored" => assert!(app.row(&id).await["custom_fields"]["round"] == round),
            other => panic!("{other}"),
        }
        app.upsert(&tenant.key, &contact).await.result();
    }
    assert_eq!(app.count("select count(*) from contacts").await, 1);
}

#[tokio::test]
async fn replicas_that_write_the_same_contacts_in_opposite_orders_never_deadlock() {
    let one = TestApp::start().await;
    let database = one.database().to_owned();
    let prefix = Some(one.settings.redis.prefix.clone());
    let options = Options {
        database: Some(database),
        prefix,
        ..Options::default()
    };
    let other = TestApp::with(options).await;
    let tenant = one.tenant_with_limit("1000000/1s").await;
    let change = CompanyChange {
        phone_conflict: Some(PhoneConflict::Skip),
        ..CompanyChange::default()
    };
    one.change_company(tenant.company, change).await;
    let email = |index: usize| format!("jane{index}@example.com");
    let phone = |index: usize| format!("+3933911{index:05}");
    for index in 0..8 {
        let body = json!({"email": email(index), "phone": phone(index)});
        one.upsert(&tenant.key, &body).await.result();
    }

    // Each takes the phone of its neighbour, in both directions: every call locks two contacts.
    let forwards = (0..200).map(
        |n| json!({"email": email(n % 8), "phone": phone((n + 1) % 8), "customFields": {"n": n}}),
    );
    let backwards = (0..200).rev().map(|n| {
        json!({"email": email((n + 1) % 8), "phone": phone(n % 8), "customFields": {"n": n + 1000}})
    });
    let (forwards, backwards): (Vec<_>, Vec<_>) = (forwards.collect(), backwards.collect());
    let (answers, more) = tokio::join!(
        join_all(forwards.iter().map(|body| one.upsert(&tenant.key, body))),
        join_all(backwards.iter().map(|body| other.upsert(&tenant.key, body))),
    );

    for answer in answers.iter().chain(&more) {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(one.count(deadlocks).await, 0);
    assert_eq!(one.count(DUPLICATES).await, 0);
}
