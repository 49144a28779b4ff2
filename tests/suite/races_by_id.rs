//! Changes, deletions and restorations by id that race with upserts: each is atomic.

use serde_json::{Value, json};

use crate::harness::{Answer, SendAndRead, Tenant, TestApp};

const ROUNDS: usize = 40;

async fn id_of(app: &TestApp, tenant: &Tenant, body: &Value) -> String {
    let result = app.upsert(&tenant.key, body).await.result();
    result["contactId"].as_str().expect("an id").to_owned()
}

async fn live_with(app: &TestApp, email: &str) -> i64 {
    let sql =
        format!("select count(*) from contacts where email = '{email}' and deleted_at is null");
    app.count(&sql).await
}

#[tokio::test]
async fn an_address_wanted_by_a_change_and_an_upsert_goes_to_one_contact() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("100000/1s").await;

    for round in 0..ROUNDS {
        let old = json!({"email": format!("old{round}@example.com")});
        let id = id_of(&app, &tenant, &old).await;
        let email = format!("new{round}@example.com");
        let wanted = json!({"email": email, "customFields": {"round": round}});

        let (changed, upserted): (Answer, Answer) = tokio::join!(
            app.put_contact(&tenant.key, &id, &wanted),
            app.upsert(&tenant.key, &wanted)
        );

        let result = upserted.result();
        if changed.status == 200 {
            assert_eq!(
                result["contactId"],
                json!(id),
                "changed first, then matched by the upsert"
            );
            assert_eq!(result["outcome"], "unchanged");
        } else {
            let details = changed.error(409, "duplicate_resource")["details"].clone();
            assert_eq!(details["conflictingContactId"], result["contactId"]);
            assert_eq!(result["outcome"], "created");
        }
        assert_eq!(live_with(&app, &email).await, 1);
    }
}

#[tokio::test]
async fn a_concurrent_upsert_and_change_are_both_applied() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("100000/1s").await;
    let contact = json!({"email": "jane@example.com"});
    let id = id_of(&app, &tenant, &contact).await;

    for round in 0..ROUNDS {
        let change = json!({"customFields": {"changed": round}});
        let upsert = json!({"email": "jane@example.com", "customFields": {"upserted": round}});

        let (changed, upserted) = tokio::join!(
            app.put_contact(&tenant.key, &id, &change),
            app.upsert(&tenant.key, &upsert)
        );

        assert_eq!((changed.status, upserted.status), (200, 200));
        let stored = app.get_contact(&tenant.key, &id).await.json()["customFields"].clone();
        assert_eq!(stored, json!({"changed": round, "upserted": round}));
    }
}

#[tokio::test]
async fn a_restoration_by_id_that_races_an_upsert_leaves_one_active_contact() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("100000/1s").await;

    let nothing = json!({});
    for round in 0..ROUNDS {
        let email = format!("jane{round}@example.com");
        let contact = json!({"email": email});
        let id = id_of(&app, &tenant, &contact).await;
        assert_eq!(app.delete_contact(&tenant.key, &id).await.status, 204);

        let (restored, upserted) = tokio::join!(
            app.put_contact(&tenant.key, &id, &nothing),
            app.upsert(&tenant.key, &contact)
        );

        assert_eq!(restored.status, 200, "{}", restored.text);
        let result = upserted.result();
        assert_eq!(result["contactId"], json!(id));
        assert!(["restored", "unchanged"].contains(&result["outcome"].as_str().unwrap()));
        assert_eq!(live_with(&app, &email).await, 1);
    }
}

#[tokio::test]
async fn one_of_two_concurrent_deletions_finds_the_contact() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("100000/1s").await;

    for round in 0..ROUNDS {
        let contact = json!({"email": format!("jane{round}@example.com")});
        let id = id_of(&app, &tenant, &contact).await;

        let (one, other) = tokio::join!(
            app.delete_contact(&tenant.key, &id),
            app.delete_contact(&tenant.key, &id)
        );

        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404]);
    }
}

#[tokio::test]
async fn a_deletion_without_a_precondition_is_never_refused_because_of_others() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("100000/1s").await;
    let jane = json!({"email": "jane@example.com"});
    let id = id_of(&app, &tenant, &jane).await;
    let mut deleted = 0;

    for round in 0..4 * ROUNDS {
        let upsert = |caller: usize| {
            let body =
                json!({"email": "jane@example.com", "customFields": {"n": round, "by": caller}});
            let (app, key) = (&app, &tenant.key);
            async move { app.upsert(key, &body).await }
        };
        let (one, other, first, second) = tokio::join!(
            app.delete_contact(&tenant.key, &id),
            app.delete_contact(&tenant.key, &id),
            upsert(1),
            upsert(2),
        );

        for answer in [&one, &other] {
            assert!(
                matches!(answer.status, 204 | 404),
                "{}: {}",
                answer.status,
                answer.text
            );
            deleted += usize::from(answer.status == 204);
        }
        for answer in [first, second] {
            assert_eq!(answer.result()["contactId"], json!(id));
        }
    }
    assert!(deleted >= ROUNDS, "{deleted}");
}

#[tokio::test]
async fn a_definition_created_and_deleted_concurrently_exists_or_not() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("100000/1s").await;
    let field = json!({"key": "plan", "type": "text"});

    for _ in 0..ROUNDS {
        let end = app.custom_fields(reqwest::Method::DELETE, &tenant.key, "/plan");
        let (one, other, ended) = tokio::join!(
            app.define(&tenant.key, &field),
            app.define(&tenant.key, &field),
            end.answer(),
        );

        for answer in [&one, &other] {
            assert!(matches!(answer.status, 201 | 409), "{}", answer.text);
        }
        assert!(matches!(ended.status, 204 | 404), "{}", ended.text);
    }
}
