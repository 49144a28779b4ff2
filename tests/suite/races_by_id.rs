//! Changes, deletions and restorations by id against upserts: each acts at one instant.

use serde_json::{Value, json};

use crate::harness::{Answer, Tenant, TestApp};

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
async fn an_address_that_a_change_and_an_upsert_want_at_once_goes_to_one_contact() {
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
async fn of_an_upsert_and_a_change_of_the_same_contact_neither_is_lost() {
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
async fn a_restoration_by_id_against_an_upsert_of_its_address_leaves_one_live_contact() {
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
async fn of_two_deletions_at_once_one_finds_the_contact() {
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
