//! Memory for responses: the size of a page, and unread responses.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::{bound_of, connection_after, tenant, until_status};
use crate::harness::{Answer, Tenant, TestApp, eventually};

const PAGE_BYTES: usize = 1024 * 1024;

/// A company with 60 contacts of some 60 KB each.
async fn tenant_with_large_contacts(app: &TestApp) -> Tenant {
    let tenant = tenant(app).await;
    let contact = |n: usize| {
        let fields = json!({"kind": "large", "text": "x".repeat(60_000)});
        json!({"email": format!("jane{n}@example.com"), "customFields": fields})
    };
    let contacts: Vec<Value> = (0..60).map(contact).collect();
    let written = app.upsert_batch(&tenant.key, &contacts).await;
    assert_eq!(written.status, 200, "{}", written.text);
    tenant
}

async fn list(app: &TestApp, tenant: &Tenant) -> Answer {
    app.list_contacts(&tenant.key, "limit=200").await
}

/// A client that requests many pages and reads none, until one page stays unsent.
async fn client_that_does_not_read(app: &TestApp, tenant: &Tenant) -> TcpStream {
    let answers = ["rubrica_fair_share_in_use", "answers_kib"];
    let before = app.metric(&answers).await;
    let mut requests = String::new();
    for _ in 0..12 {
        write!(
            requests,
            "GET /public/v1/contacts?limit=200 HTTP/1.1\r\nHost: rubrica\r\n\
             Authorization: Bearer {}\r\n\r\n",
            tenant.key
        )
        .unwrap();
    }
    let stream = connection_after(app, requests.as_bytes()).await;
    // The first pages go into the kernel's buffers; then the amount is constant.
    let mut unchanged = 0;
    let page = async || {
        let page = app.metric(&answers).await - before;
        let is_one = (900.0..1024.0).contains(&page);
        unchanged = if is_one { unchanged + 1 } else { 0 };
        (page, unchanged)
    };
    eventually("a page that stays unread", page, |(_, times)| *times == 50).await;
    stream
}

#[tokio::test]
async fn a_page_ends_at_one_mebibyte_and_all_pages_hold_each_contact_once() {
    let app = TestApp::start().await;
    let tenant = tenant_with_large_contacts(&app).await;
    let define = json!({"key": "kind", "displayName": "Kind", "type": "text", "filterable": true});
    let defined = app.define(&tenant.key, &define).await;
    assert_eq!(defined.status, 201, "{}", defined.text);

    for filter in ["", "deleted=include&", "customFields.kind=large&"] {
        let (mut met, mut cursor, mut pages) = (BTreeSet::new(), String::new(), 0);
        loop {
            let query = format!("{filter}limit=200{cursor}");
            let answer = app.list_contacts(&tenant.key, &query).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let length = answer.text.len();
            assert!(length <= PAGE_BYTES + 1024, "{length}");
            let page = answer.json();
            for contact in page["data"].as_array().unwrap() {
                assert!(met.insert(contact["contactId"].to_string()), "met twice");
            }
            pages += 1;
            match &page["nextCursor"] {
                Value::String(next) => cursor = format!("&cursor={next}"),
                _ => break,
            }
        }
        assert_eq!((met.len(), pages), (60, 4), "{filter}");
    }
}

#[tokio::test]
async fn unread_pages_of_a_company_are_bounded_and_do_not_affect_others() {
    let settings = [
        ("fair_share.company_answer_kib", "2048"),
        ("http.write_timeout", "1h"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let loud = tenant_with_large_contacts(&app).await;
    let quiet = tenant_with_large_contacts(&app).await;

    let first = client_that_does_not_read(&app, &loud).await;
    let second = client_that_does_not_read(&app, &loud).await;

    let refused = list(&app, &loud).await;
    let bound = bound_of(&refused, 429, "rate_limit_exceeded");
    assert_eq!(bound, "fair_share.company_answer_kib");
    assert_eq!(list(&app, &quiet).await.status, 200);
    // Writing still works.
    super::upsert(&app, &loud.key).await.result();

    drop((first, second));
    until_status(200, async || list(&app, &loud).await).await;
}

#[tokio::test]
async fn a_response_that_is_not_read_in_time_is_abandoned() {
    let settings = [
        ("fair_share.company_answer_kib", "1024"),
        ("http.write_timeout", "3s"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let tenant = tenant_with_large_contacts(&app).await;

    let _open = client_that_does_not_read(&app, &tenant).await;

    let bound = bound_of(&list(&app, &tenant).await, 429, "rate_limit_exceeded");
    assert_eq!(bound, "fair_share.company_answer_kib");
    until_status(200, async || list(&app, &tenant).await).await;
}
