//! Retention: expired soft-deleted contacts and audit events are removed.

use std::time::Duration;

use rubrica::ambient;
use rubrica::domain::Scope;
use serde_json::{Value, json};

use crate::harness::{Tenant, TestApp, eventually};

const CONTACTS: &str = "select count(*) from contacts";

async fn tenant(app: &TestApp) -> Tenant {
    let scopes = [
        Scope::ContactsRead,
        Scope::ContactsWrite,
        Scope::ContactsErase,
    ];
    app.tenant_with_scopes(&scopes).await
}

/// A contact that was soft-deleted this many days ago.
async fn deleted(app: &TestApp, tenant: &Tenant, body: &Value, days: i32) -> String {
    let result = app.upsert(&tenant.key, body).await.result();
    let id = result["contactId"].as_str().expect("an id").to_owned();
    app.delete(&json!(id)).await;
    let sql = "update contacts set deleted_at = now() - make_interval(days => $2)
        where id::text = $1";
    let moved = app.sql().await.execute(sql, &[&id, &days]).await;
    assert_eq!(moved.expect("it was long ago"), 1);
    id
}

async fn until(app: &TestApp, sql: &str, expected: i64) {
    eventually(sql, async || app.count(sql).await, |n| *n == expected).await;
}

#[tokio::test]
async fn contacts_deleted_longer_than_the_retention_are_erased() {
    let app = TestApp::start().await;
    let (one, two) = (tenant(&app).await, tenant(&app).await);
    for tenant in [&one, &two] {
        // More than one statement erases.
        for number in 0..30 {
            let body = json!({"email": format!("jane-{number}@example.com")});
            deleted(&app, tenant, &body, 31).await;
        }
        deleted(&app, tenant, &json!({"email": "kept@example.com"}), 29).await;
        let live = json!({"email": "live@example.com"});
        app.upsert(&tenant.key, &live).await.result();
    }

    let replica = app.replica(&[("privacy.deleted_retention", "30d")]).await;

    until(&app, CONTACTS, 4).await;
    let kept =
        "select count(*) from contacts where email in ('kept@example.com', 'live@example.com')";
    assert_eq!(app.count(kept).await, 4);
    let removed = ["rubrica_retention_removed_total", "contacts"];
    let removed = async || replica.metric(&removed).await;
    eventually("the count of contacts", removed, |count| *count >= 60.0).await;
    let failures = replica.metric(&["rubrica_retention_failures_total"]).await;
    assert_eq!(failures, 0.0);
}

#[tokio::test]
async fn an_expired_contact_keeps_its_opt_out_and_the_service_is_recorded_as_actor() {
    let app = TestApp::start().await;
    let tenant = tenant(&app).await;
    let opted_out = json!({"email": "jane@example.com", "marketingConsent": {"email": false}});
    let id = deleted(&app, &tenant, &opted_out, 91).await;

    let erased = app
        .store
        .erase_expired_contacts(ambient::now() - Duration::from_hours(90 * 24))
        .await;
    erased.expect("it is erased");

    assert_eq!(app.count(CONTACTS).await, 0);
    let events = app.consent_events(&json!(id)).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["address"], json!(null));
    let imported = json!({"email": "jane@example.com", "marketingConsent": {"email": true}});
    let result = app.upsert(&tenant.key, &imported).await.result();
    assert_eq!(result["outcome"], "created");
    assert_eq!(result["warnings"][0]["code"], "consent_suppressed");
    let erasures = app.audit_events("contact.erase").await;
    assert_eq!(erasures.len(), 1);
    for (name, value) in [
        ("actor", json!("service")),
        ("company_id", json!(tenant.company.get())),
        ("subject", json!(format!("contact:{id}"))),
        ("client_address", json!(null)),
        ("request_id", json!(null)),
    ] {
        assert_eq!(erasures[0][name], value, "{name}");
    }
}

#[tokio::test]
async fn a_contact_restored_meanwhile_is_kept() {
    let app = TestApp::start().await;
    let tenant = tenant(&app).await;
    let jane = json!({"email": "jane@example.com"});
    let id = deleted(&app, &tenant, &jane, 100).await;
    let cutoff = ambient::now() - Duration::from_hours(90 * 24);
    let mut other = app.sql().await;
    let restoring = other.transaction().await.expect("a transaction");
    // An upsert that restores locks the identifier first.
    let lock = "select pg_advisory_xact_lock(identifier_lock($1, 'jane@example.com'))";
    let company = tenant.company.get();
    restoring.execute(lock, &[&company]).await.expect(lock);
    let restore = "update contacts set deleted_at = null, updated_at = now() where id::text = $1";
    restoring.execute(restore, &[&id]).await.expect(restore);
    let commit = async {
        let waiting = "select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'";
        let waiting = async || app.count(waiting).await;
        eventually("an erasure that waits", waiting, |count| *count > 0).await;
        restoring.commit().await.expect("it is restored");
    };

    let (erased, ()) = tokio::join!(app.store.erase_expired_contacts(cutoff), commit);

    erased.expect("nothing is left to erase");
    assert_eq!(app.get_contact(&tenant.key, &id).await.status, 200);
    assert_eq!(app.audit_events("contact.erase").await.len(), 0);
}

#[tokio::test]
async fn several_replicas_erase_each_contact_once() {
    let app = TestApp::start().await;
    let tenant = tenant(&app).await;
    for number in 0..20 {
        let body = json!({"email": format!("jane-{number}@example.com")});
        deleted(&app, &tenant, &body, 100).await;
    }
    let cutoff = ambient::now() - Duration::from_hours(90 * 24);

    let (one, two, three) = tokio::join!(
        app.store.erase_expired_contacts(cutoff),
        app.store.erase_expired_contacts(cutoff),
        app.store.erase_expired_contacts(cutoff),
    );

    for erased in [one, two, three] {
        erased.expect("it is done");
    }
    // A replica stops when it meets another, so one more run finishes the work.
    let last = app.store.erase_expired_contacts(cutoff).await;
    last.expect("it is done");
    assert_eq!(app.count(CONTACTS).await, 0);
    assert_eq!(app.audit_events("contact.erase").await.len(), 20);
}

#[tokio::test]
async fn expired_audit_events_are_deleted_and_their_number_is_recorded() {
    let app = TestApp::start().await;
    app.tenant().await;
    let before = app.count("select count(*) from audit_events").await;
    // The oldest events have the lowest ids.
    let old = "insert into audit_events (id, actor, action, subject, occurred_at)
        overriding system value
        select -n, 'key:abc', 'old', 'contact:1', now() - make_interval(days => n)
        from generate_series(1, 60) as n";
    app.sql().await.batch_execute(old).await.expect(old);

    let _replica = app.replica(&[("audit.retention", "40d")]).await;

    until(
        &app,
        "select count(*) from audit_events where action = 'old'",
        39,
    )
    .await;
    let rest = "select count(*) from audit_events where action not in ('old', 'audit.expire')";
    assert_eq!(app.count(rest).await, before);
    let expiries = app.audit_events("audit.expire").await;
    assert_eq!(expiries.len(), 1);
    assert_eq!(expiries[0]["actor"], "service");
    assert_eq!(expiries[0]["after"]["deletedEvents"], 21);
}

#[tokio::test]
async fn audit_events_of_the_last_thirty_days_are_never_deleted() {
    let app = TestApp::start().await;
    let old = "insert into audit_events (id, actor, action, subject, occurred_at)
        overriding system value
        select -n, 'a', 'old', 'c', now() - make_interval(days => n)
        from generate_series(1, 40) as n";
    app.sql().await.batch_execute(old).await.expect(old);

    let deleted = app.store.delete_expired_audit_events(ambient::now()).await;
    deleted.expect("they are deleted");

    let left = "select count(*) from audit_events where action = 'old'";
    assert_eq!(app.count(left).await, 29);
}
