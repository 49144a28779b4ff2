//! `POST /public/v1/contacts/{id}/erase`: a person's data is deleted, and their opt-out is kept.

mod former_identifiers;
mod races;
mod suppressions;

use reqwest::Method;
use rubrica::domain::Scope;
use serde_json::{Value, json};

use crate::harness::{SendAndRead, Tenant, TestApp};

/// A company whose key may read, write and erase.
async fn erasing_tenant(app: &TestApp) -> Tenant {
    app.tenant_with_scopes(&[
        Scope::ContactsRead,
        Scope::ContactsWrite,
        Scope::ContactsErase,
        Scope::CustomFieldsRead,
        Scope::CustomFieldsWrite,
    ])
    .await
}

async fn upserted(app: &TestApp, tenant: &Tenant, body: &Value) -> String {
    let result = app.upsert(&tenant.key, body).await.result();
    result["contactId"].as_str().expect("an id").to_owned()
}

async fn erase(app: &TestApp, tenant: &Tenant, id: &str) {
    let answer = app.erase_contact(&tenant.key, id).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
}

/// The rows of any table that hold a text, as `table: row`.
async fn rows_with(app: &TestApp, text: &str) -> Vec<String> {
    let sql = app.sql().await;
    let tables = sql
        .query(
            "select format('%I', relname) from pg_class
             where relnamespace = 'public'::regnamespace and relkind = 'r'",
            &[],
        )
        .await
        .expect("tables");
    let mut found = Vec::new();
    for table in &tables {
        let table: &str = table.get(0);
        let select = format!("select t::text from {table} as t where strpos(t::text, $1) > 0");
        let rows = sql.query(&select, &[&text]).await.expect("rows");
        let rows = rows.iter().map(|row| row.get::<_, String>(0));
        found.extend(rows.map(|row| format!("{table}: {row}")));
    }
    found
}

#[tokio::test]
async fn an_erased_contact_is_in_no_table_and_its_consent_history_is_anonymous() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    app.define(
        &tenant.key,
        &json!({"key": "plan", "type": "text", "filterable": true}),
    )
    .await;
    let body = json!({
        "email": "jane@example.com",
        "phone": "+393391234567",
        "customFields": {"plan": "enterprise", "diary": {"today": "met Bob"}},
        "marketingConsent": {"email": true, "whatsapp": false},
    });
    let id = upserted(&app, &tenant, &body).await;
    app.put_contact(&tenant.key, &id, &json!({"email": "jane.doe@example.com"}))
        .await;
    let bystander = upserted(&app, &tenant, &json!({"email": "bob@example.com"})).await;
    let before = app.consent_events(&json!(id)).await;
    assert!(!rows_with(&app, "jane@example.com").await.is_empty());

    erase(&app, &tenant, &id).await;

    for value in ["jane", "+393391234567", "enterprise", "met Bob"] {
        assert_eq!(rows_with(&app, value).await, Vec::<String>::new());
    }
    assert_eq!(app.count("select count(*) from filterable_values").await, 0);
    let after = app.consent_events(&json!(id)).await;
    let expected: Vec<Value> = before
        .into_iter()
        .map(|mut event| {
            event["address"] = Value::Null;
            event
        })
        .collect();
    assert_eq!(after, expected);
    assert_eq!(after.len(), 3, "one of them is the change of address");
    assert_eq!(app.get_contact(&tenant.key, &bystander).await.status, 200);
}

#[tokio::test]
async fn soft_deleted_duplicates_are_erased_too() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let phone = "+393391234567";
    let mut duplicates = Vec::new();
    for body in [
        json!({"email": "jane@example.com", "customFields": {"note": "first"}}),
        json!({"email": "old@example.com", "phone": phone, "customFields": {"note": "second"}}),
    ] {
        let id = upserted(&app, &tenant, &body).await;
        app.delete(&json!(id)).await;
        duplicates.push(id);
    }
    let sql = app.sql().await;
    let other = upserted(&app, &tenant, &json!({"email": "bob@example.com"})).await;
    app.delete(&json!(other)).await;
    let live = format!(
        "insert into contacts (company_id, email, phone) values ({}, 'jane@example.com', '{phone}')
         returning id",
        tenant.company
    );
    let live: i64 = sql.query_one(&live, &[]).await.unwrap().get(0);

    erase(&app, &tenant, &live.to_string()).await;

    for value in [
        "jane@example.com",
        "old@example.com",
        phone,
        "first",
        "second",
    ] {
        assert_eq!(rows_with(&app, value).await, Vec::<String>::new());
    }
    assert_eq!(
        rows_with(&app, "bob@example.com").await.len(),
        1,
        "every duplicate is erased"
    );
    let event = "select jsonb_build_array(actor, action, company_id::text, subject, after) from
         audit_events where action = 'contact.erase'";
    let event: Value = sql.query_one(event, &[]).await.unwrap().get(0);
    let duplicates: Vec<i64> = duplicates.iter().map(|id| id.parse().unwrap()).collect();
    assert_eq!(
        event,
        json!([
            format!("key:{}", tenant.client),
            "contact.erase",
            tenant.company.to_string(),
            format!("contact:{live}"),
            {"erasedTwins": duplicates},
        ])
    );
}

#[tokio::test]
async fn an_erased_id_is_never_reused_and_its_identifiers_create_a_new_contact() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let body = json!({"email": "jane@example.com", "phone": "+393391234567"});
    let id = upserted(&app, &tenant, &body).await;

    erase(&app, &tenant, &id).await;

    let key = &tenant.key;
    app.get_contact(key, &id).await.error(404, "not_found");
    app.put_contact(key, &id, &json!({"customFields": {}}))
        .await
        .error(404, "not_found");
    app.delete_contact(key, &id).await.error(404, "not_found");
    app.erase_contact(key, &id).await.error(404, "not_found");
    app.get_contact(key, &format!("{id}/consent-events"))
        .await
        .error(404, "not_found");
    let all = app.list_contacts(key, "deleted=include").await;
    assert_eq!(all.json()["data"], json!([]));
    let again = app.upsert(key, &body).await.result();
    assert_eq!(again["outcome"], "created");
    assert_ne!(again["contactId"], json!(id));
}

#[tokio::test]
async fn erasing_a_soft_deleted_contact_keeps_an_active_one_with_its_identifier() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let phone = "+393391234567";
    let deleted = upserted(
        &app,
        &tenant,
        &json!({"email": "jane@example.com", "phone": phone}),
    )
    .await;
    app.delete_contact(&tenant.key, &deleted).await;
    let live = upserted(
        &app,
        &tenant,
        &json!({"email": "john@example.com", "phone": phone}),
    )
    .await;
    assert_ne!(live, deleted);

    erase(&app, &tenant, &deleted).await;

    assert_eq!(
        rows_with(&app, "jane@example.com").await,
        Vec::<String>::new()
    );
    let contact = app.get_contact(&tenant.key, &live).await.json();
    assert_eq!(contact["phone"], phone);
}

#[tokio::test]
async fn erasing_needs_its_scope_and_reaches_no_other_company() {
    let app = TestApp::start().await;
    let (tenant, stranger) = (app.tenant().await, erasing_tenant(&app).await);
    let id = upserted(&app, &tenant, &json!({"email": "jane@example.com"})).await;

    let answer = app.erase_contact(&tenant.key, &id).await;
    assert_eq!(
        answer.error(403, "forbidden")["details"]["scope"],
        "contacts:erase"
    );
    app.lift_suppressions(&tenant.key, &json!({"email": "jane@example.com"}))
        .await
        .error(403, "forbidden");
    app.erase_contact(&stranger.key, &id)
        .await
        .error(404, "not_found");

    assert_eq!(app.get_contact(&tenant.key, &id).await.status, 200);
    app.contact(Method::GET, &stranger.key, &format!("{id}/erase"))
        .answer()
        .await
        .error(405, "method_not_allowed");
}
