//! Counting requests.

use rubrica::ambient;
use rubrica::domain::{RequestCounts, Scope};
use serde_json::json;

use super::{SOON, counts, hours, key_of, until_counted, upsert};
use crate::harness::TestApp;

#[tokio::test]
async fn every_authenticated_request_is_counted_by_its_result() {
    let app = TestApp::with_settings(&[SOON]).await;
    let tenant = app.tenant_with_limit("5/24h").await;

    upsert(&app, &tenant).await;
    let batch = [json!({"email": "a@example.com"}), json!({"email": "no"})];
    let batch = app.upsert_batch(&tenant.key, &batch).await;
    let invalid = app.upsert(&tenant.key, &json!({"email": "no"})).await;
    let missing = app.get_contact(&tenant.key, "99").await;
    let forbidden = app.erase_contact(&tenant.key, "1").await;
    let refused = app.upsert(&tenant.key, &json!({})).await;

    let statuses = [batch, invalid, missing, forbidden, refused].map(|answer| answer.status);
    assert_eq!(statuses, [207, 422, 404, 403, 429]);
    let expected = RequestCounts {
        requests: 6,
        refused: 1,
        client_errors: 3,
        server_errors: 0,
    };
    assert_eq!(until_counted(&app, &tenant, 6).await, expected);
}

#[tokio::test]
async fn an_answer_of_503_is_an_error_of_the_service() {
    let app = TestApp::with_settings(&[SOON, ("database.deadline", "500ms")]).await;
    let tenant = app.tenant().await;
    upsert(&app, &tenant).await;
    let blocker = app.sql().await;
    let lock = "begin; lock contacts in access exclusive mode";
    blocker.batch_execute(lock).await.expect("a lock");

    let answer = app
        .upsert(&tenant.key, &json!({"email": "other@example.com"}))
        .await;
    blocker.batch_execute("rollback").await.expect("no lock");

    assert_eq!(answer.status, 503);
    assert_eq!(until_counted(&app, &tenant, 2).await.server_errors, 1);
}

#[tokio::test]
async fn unauthenticated_requests_are_not_counted() {
    let app = TestApp::with_settings(&[SOON]).await;
    let tenant = app.tenant().await;
    let wrong = format!("{}{}", &tenant.key[..20], "x".repeat(tenant.key.len() - 20));
    let body = json!({"email": "jane@example.com"});

    assert_eq!(app.upsert(&wrong, &body).await.status, 401);
    upsert(&app, &tenant).await;
    assert_eq!(app.upsert(&wrong, &body).await.status, 401);
    upsert(&app, &tenant).await;

    until_counted(&app, &tenant, 2).await;
    assert_eq!(counts(&app, &tenant).await.client_errors, 0);
}

#[tokio::test]
async fn usage_is_counted_per_key_and_belongs_to_its_company() {
    let app = TestApp::with_settings(&[SOON]).await;
    let (tenant, stranger) = (app.tenant().await, app.tenant().await);
    let second = app.key(tenant.company, |_| {}).await;
    for (tenant, times) in [(&tenant, 1), (&second, 2), (&stranger, 3)] {
        for _ in 0..times {
            upsert(&app, tenant).await;
        }
    }

    for (tenant, times) in [(&tenant, 1), (&second, 2), (&stranger, 3)] {
        until_counted(&app, tenant, times).await;
    }
    let (from, to) = (time::OffsetDateTime::UNIX_EPOCH, ambient::now());
    let of_other = app
        .store
        .usage(stranger.company, &tenant.client, from, to)
        .await
        .expect("an answer");
    assert!(of_other.is_none(), "{of_other:?}");
}

#[tokio::test]
async fn a_request_belongs_to_the_hour_of_its_answer() {
    let app = TestApp::with_settings(&[SOON]).await;
    let tenant = app.tenant().await;
    let before = ambient::now();

    upsert(&app, &tenant).await;
    let after = ambient::now();

    until_counted(&app, &tenant, 1).await;
    let hour = hours(&app, &tenant).await[0].hour;
    assert_eq!((hour.minute(), hour.second(), hour.nanosecond()), (0, 0, 0));
    assert!(
        hour <= after && hour > before - time::Duration::HOUR,
        "{hour}"
    );
}

#[tokio::test]
async fn a_key_has_its_last_use_or_none() {
    let app = TestApp::with_settings(&[SOON]).await;
    let tenant = app.tenant_with_scopes(&[Scope::ContactsWrite]).await;
    let idle = app.key(tenant.company, |_| {}).await;
    let mut last = ambient::now();

    // The second use updates the first.
    for times in 1..=2 {
        upsert(&app, &tenant).await;
        let after = ambient::now();
        until_counted(&app, &tenant, times).await;

        let used = key_of(&app, &tenant).await.last_used_at.expect("a use");
        assert!((last..=after).contains(&used), "{last} {used} {after}");
        last = used;
    }
    assert_eq!(key_of(&app, &idle).await.last_used_at, None);
}
