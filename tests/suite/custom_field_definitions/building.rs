//! Filters are built while contacts are written, and any replica finishes them.

use std::time::Instant;

use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use serde_json::json;

use crate::harness::{SendAndRead, TestApp, eventually};

/// Contacts whose value in the index differs from the stored one, in either direction.
const WRONG_VALUES: &str = "
    with held as (
        select contacts.company_id, definition.id, custom_field_digest(member.value) as digest,
            contacts.id as contact_id
        from contacts
        cross join jsonb_each(contacts.custom_fields) as member
        inner join custom_field_definitions as definition
            on definition.company_id = contacts.company_id
            and definition.key = custom_field_key(member.key)
            and definition.filter = 'ready'
    )
    select count(*) from (
        (table held except table filterable_values)
        union all
        (table filterable_values except table held)
    ) as wrong";

#[tokio::test]
async fn filter_values_stay_correct_while_contacts_are_written() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let fill = format!(
        "insert into contacts (company_id, email, custom_fields)
         select {}, 'jane' || n || '@example.com', jsonb_build_object('plan', 'p' || n % 3)
         from generate_series(0, 1999) as n",
        tenant.company
    );
    app.sql().await.batch_execute(&fill).await.unwrap();
    let is_over = AtomicBool::new(false);

    let writer = async |offset: usize| {
        let mut n = offset;
        while !is_over.load(Ordering::Relaxed) {
            let email = format!("jane{}@example.com", n % 2100);
            let body = json!({"email": email, "customFields": {"plan": format!("p{}", n % 5)}});
            let result = app.upsert(&tenant.key, &body).await.result();
            if n.is_multiple_of(7) {
                let id = result["contactId"].as_str().unwrap().to_owned();
                app.delete_contact(&tenant.key, &id).await;
            }
            n += 97;
        }
    };
    let definitions = async {
        let body = json!({"key": "plan", "type": "text", "filterable": true});
        for _ in 0..4 {
            assert_eq!(app.define(&tenant.key, &body).await.status, 201);
            for filterable in [false, true] {
                let change = json!({"filterable": filterable});
                let answer = app.redefine(&tenant.key, "plan", &change).await;
                assert_eq!(answer.status, 200, "{}", answer.text);
            }
            let request = app.custom_fields(Method::DELETE, &tenant.key, "/plan");
            assert_eq!(request.answer().await.status, 204);
        }
        assert_eq!(app.define(&tenant.key, &body).await.status, 201);
        is_over.store(true, Ordering::Relaxed);
    };
    tokio::join!(writer(0), writer(1000), writer(2000), definitions);

    let unfinished = "select count(*) from custom_field_definitions where filter <> 'ready'";
    let unfinished = async || app.count(unfinished).await;
    eventually("a finished filter", unfinished, |count| *count == 0).await;
    assert_eq!(app.count(WRONG_VALUES).await, 0);
    assert!(app.count("select count(*) from filterable_values").await >= 2000);
}

#[tokio::test]
async fn a_filter_that_is_being_built_is_unavailable_with_a_retry_after() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let contact = json!({"email": "jane@example.com", "customFields": {"plan": "pro"}});
    app.upsert(&tenant.key, &contact).await.result();
    let slow_writer = app.sql().await;
    slow_writer
        .batch_execute("begin; select from contacts for update")
        .await
        .unwrap();

    let body = json!({"key": "plan", "type": "text", "filterable": true});
    let begun = Instant::now();
    let defined = app.define(&tenant.key, &body).await;
    let answer = app
        .list_contacts(&tenant.key, "customFields.plan=pro")
        .await;

    assert_eq!(
        defined.status, 201,
        "the definition does not wait for its filter"
    );
    answer.error(503, "service_unavailable");
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    let longest = begun.elapsed().as_secs() * 3 / 2 + 3;
    assert!((1..=longest.min(15)).contains(&wait), "{wait}");
    slow_writer.batch_execute("rollback").await.unwrap();
    let list = async || {
        app.list_contacts(&tenant.key, "customFields.plan=pro")
            .await
    };
    eventually("a finished filter", list, |answer| answer.status == 200).await;
}

#[tokio::test]
async fn the_values_of_a_removed_filter_are_deleted() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let body = json!({"key": "plan", "type": "text", "filterable": true});
    app.define(&tenant.key, &body).await;
    let contact = json!({"email": "jane@example.com", "customFields": {"plan": "pro"}});
    let values = "select count(*) from filterable_values";

    app.upsert(&tenant.key, &contact).await.result();
    assert_eq!(app.count(values).await, 1);
    app.redefine(&tenant.key, "plan", &json!({"filterable": false}))
        .await;
    assert_eq!(app.count(values).await, 0);
    app.redefine(&tenant.key, "plan", &json!({"filterable": true}))
        .await;
    assert_eq!(app.count(values).await, 1);
    let request = app.custom_fields(Method::DELETE, &tenant.key, "/plan");
    assert_eq!(request.answer().await.status, 204);
    assert_eq!(app.count(values).await, 0);

    let unchanged = app.upsert(&tenant.key, &contact).await.result();
    assert_eq!(
        unchanged["outcome"], "unchanged",
        "contacts keep their values"
    );
}
