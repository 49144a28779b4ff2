//! `GET /public/v1/contacts`: pages are complete while contacts change.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::harness::{Tenant, TestApp};

/// Reads all pages.
async fn walk(app: &TestApp, tenant: &Tenant, query: &str) -> Vec<Value> {
    let mut contacts = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = app
            .list_contacts(&tenant.key, &format!("{query}{cursor}"))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let page = answer.json();
        contacts.extend(page["data"].as_array().expect("an array").iter().cloned());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return contacts,
        }
    }
}

fn emails(contacts: &[Value]) -> Vec<&str> {
    contacts
        .iter()
        .map(|contact| contact["email"].as_str().expect("an address"))
        .collect()
}

#[tokio::test]
async fn pages_hold_every_active_contact_once_as_a_lookup_returns_it() {
    let app = TestApp::start().await;
    let (tenant, stranger) = (app.tenant().await, app.tenant().await);
    for n in 0..25 {
        let body = json!({"email": format!("jane{n:02}@example.com")});
        app.upsert(&tenant.key, &body).await.result();
        app.upsert(&stranger.key, &body).await.result();
    }

    let all = walk(&app, &tenant, "limit=10").await;

    let expected: Vec<String> = (0..25).map(|n| format!("jane{n:02}@example.com")).collect();
    assert_eq!(emails(&all), expected);
    let id = all[7]["contactId"].as_str().unwrap();
    assert_eq!(app.get_contact(&tenant.key, id).await.json(), all[7]);
    assert_eq!(
        walk(&app, &tenant, "limit=25").await.len(),
        25,
        "a last page that is full"
    );
    assert_eq!(
        app.list_contacts(&app.tenant().await.key, "").await.text,
        r#"{"data":[],"nextCursor":null}"#
    );
}

#[tokio::test]
async fn contacts_are_filtered_by_deletion_and_consent() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    for (name, consent) in [
        ("yes", json!({"email": true, "whatsapp": false})),
        ("no", json!({"email": false})),
        ("never", json!({})),
        ("gone", json!({"email": true})),
    ] {
        let body = json!({"email": format!("{name}@example.com"), "marketingConsent": consent});
        let id = app.upsert(&tenant.key, &body).await.result()["contactId"].clone();
        if name == "gone" {
            assert_eq!(
                app.delete_contact(&tenant.key, id.as_str().unwrap())
                    .await
                    .status,
                204
            );
        }
    }

    for (query, expected) in [
        ("", vec!["yes", "no", "never"]),
        ("deleted=only", vec!["gone"]),
        ("deleted=include", vec!["yes", "no", "never", "gone"]),
        ("consent.email=true", vec!["yes"]),
        ("consent.email=false", vec!["no"]),
        ("consent.email=true&deleted=include", vec!["yes", "gone"]),
        ("consent.email=true&consent.whatsapp=false", vec!["yes"]),
        ("consent.whatsapp=true", vec![]),
    ] {
        let contacts = walk(&app, &tenant, query).await;
        let expected: Vec<String> = expected
            .iter()
            .map(|name| format!("{name}@example.com"))
            .collect();
        assert_eq!(emails(&contacts), expected, "{query}");
        let is_deleted = |contact: &&Value| contact.get("deletedAt").is_some();
        let deleted = contacts.iter().filter(is_deleted).count();
        assert_eq!(deleted, usize::from(query.contains("deleted")), "{query}");
    }
    for query in [
        "limit=0",
        "deleted=yes",
        "consent.email=1",
        "consent.sms=true",
        "offset=3",
        "cursor=00",
    ] {
        app.list_contacts(&tenant.key, query)
            .await
            .error(400, "bad_request");
    }
}

#[tokio::test]
async fn all_pages_hold_each_remaining_contact_once_while_others_come_and_go() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("100000/1s").await;
    for n in 0..60 {
        app.upsert(
            &tenant.key,
            &json!({"email": format!("stays{n}@example.com")}),
        )
        .await
        .result();
    }
    let is_over = AtomicBool::new(false);

    let writers = async {
        let mut n = 0;
        while !is_over.load(Ordering::Relaxed) {
            let touched =
                json!({"email": format!("stays{}@example.com", n % 60), "customFields": {"n": n}});
            app.upsert(&tenant.key, &touched).await.result();
            let passing = json!({"email": format!("passes{n}@example.com")});
            let id = app.upsert(&tenant.key, &passing).await.result()["contactId"].clone();
            if n % 2 == 0 {
                app.delete_contact(&tenant.key, id.as_str().unwrap()).await;
            }
            n += 1;
        }
    };
    let walks = async {
        for _ in 0..5 {
            let mut seen = BTreeMap::<String, usize>::new();
            for contact in walk(&app, &tenant, "limit=7").await {
                *seen
                    .entry(contact["email"].as_str().unwrap().to_owned())
                    .or_default() += 1;
            }
            for n in 0..60 {
                assert_eq!(seen.get(&format!("stays{n}@example.com")), Some(&1));
            }
            assert!(seen.values().all(|times| *times == 1));
        }
        is_over.store(true, Ordering::Relaxed);
    };
    tokio::join!(writers, walks);
}

#[tokio::test]
async fn each_filter_is_served_by_its_index_in_the_order_of_ids() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let sql = app.sql().await;
    let fill = format!(
        "insert into contacts (company_id, email, consent_email, consent_whatsapp, deleted_at)
         select {}, 'jane' || n || '@example.com', n % 100 = 0, n % 100 = 1,
             case when n % 50 = 0 then now() end
         from generate_series(1, 20000) as n",
        tenant.company
    );
    sql.batch_execute(&fill).await.unwrap();
    sql.batch_execute("analyze contacts").await.unwrap();

    for (conditions, index) in [
        ("and deleted_at is null", "contacts_live"),
        ("and deleted_at is not null", "contacts_deleted"),
        ("", "contacts_pkey"),
        (
            "and deleted_at is null and consent_email = true",
            "contacts_consent_email",
        ),
        (
            "and deleted_at is null and consent_whatsapp = true",
            "contacts_consent_whatsapp",
        ),
    ] {
        let list = include_str!("../../sql/queries/list_contacts.sql")
            .replace("-- further conditions", conditions)
            .replace("$1", &tenant.company.to_string())
            .replace("$2", "0")
            .replace("$3", "51")
            .replace("$4", "1048576");
        let rows = sql.query(&format!("explain {list}"), &[]).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");

        assert!(
            plan.contains(&format!("Index Scan using {index} ")),
            "{conditions}: {plan}"
        );
        // Only the contacts of the page are sorted, by their positions.
        let sorts = plan.lines().filter(|line| line.contains("Sort Key"));
        let sorts: Vec<&str> = sorts.map(str::trim).collect();
        assert_eq!(sorts, ["Sort Key: page.place"], "{conditions}: {plan}");
    }
}
