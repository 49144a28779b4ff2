//! Changes that expect a version (`If-Match`).

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::new_contact;
use crate::harness::{SendAndRead, TestApp};

#[tokio::test]
async fn a_change_or_deletion_of_an_unexpected_version_is_refused() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let id = new_contact(&app, &tenant, &json!({"email": "jane@example.com"})).await;
    let stale = app
        .get_contact(&tenant.key, &id)
        .await
        .header("etag")
        .to_owned();
    let change = |tag: &str, n: u32| {
        let request = app
            .contact(Method::PUT, &tenant.key, &id)
            .header("if-match", tag);
        request.json(&json!({"customFields": {"n": n}})).answer()
    };

    let current = change(&stale, 1).await.header("etag").to_owned();

    change(&stale, 2).await.error(412, "precondition_failed");
    change("\"elsewhere\"", 2)
        .await
        .error(412, "precondition_failed");
    change(&format!("W/{current}"), 2)
        .await
        .error(412, "precondition_failed");
    let delete = |tag: &str| {
        app.contact(Method::DELETE, &tenant.key, &id)
            .header("if-match", tag)
            .answer()
    };
    delete(&stale).await.error(412, "precondition_failed");
    assert_eq!(
        app.get_contact(&tenant.key, &id).await.json()["customFields"],
        json!({"n": 1})
    );
    assert_eq!(change("*", 3).await.status, 200);
    let listed = format!(
        "\"other\", {}",
        app.get_contact(&tenant.key, &id).await.header("etag")
    );
    assert_eq!(change(&listed, 4).await.status, 200);
}

#[tokio::test]
async fn one_of_many_changes_that_expect_one_version_succeeds() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let id = new_contact(&app, &tenant, &json!({"email": "jane@example.com"})).await;
    let tag = app
        .get_contact(&tenant.key, &id)
        .await
        .header("etag")
        .to_owned();

    let answers = join_all((0..16).map(|n| {
        let request = app
            .contact(Method::PUT, &tenant.key, &id)
            .header("if-match", &tag);
        request.json(&json!({"customFields": {"n": n}})).answer()
    }))
    .await;

    let made = answers.iter().filter(|answer| answer.status == 200).count();
    let refused = answers.iter().filter(|answer| answer.status == 412).count();
    assert_eq!((made, refused), (1, 15));
}
