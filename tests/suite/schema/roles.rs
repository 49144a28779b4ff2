//! What the role of the service may do, and what it may not.

use crate::harness::{TestApp, postgres};

const REFUSED: &str = "42501";

#[tokio::test]
async fn the_service_reads_and_writes_rows() {
    let app = TestApp::start().await;
    app.tenant().await;
    let service = postgres()
        .await
        .client("rubrica_service", app.database())
        .await;

    for sql in [
        "insert into companies (name) values ('Zenith')",
        "update companies set name = 'Zenith Inc.' where name = 'Zenith'",
        "insert into contacts (company_id, email) values (1, 'a@example.com')",
        "update contacts set phone = '+4915112345678'",
        "insert into consent_events (company_id, contact_id, channel, new_status)
            values (1, 1, 'email', true)",
        "insert into audit_events (actor, action, subject) values ('a', 'b', 'c')",
        "insert into admins (email, password_hash) values ('a@example.com', 'x')",
        "update api_keys set revoked_at = now()",
        "insert into api_key_usage values (1, 'abcdefghijkl', now(), 1, 0, 0, 0)",
        "update api_key_usage set requests = 2",
        "delete from api_key_usage",
        "insert into api_key_last_used values (1, 'abcdefghijkl', now())",
        "update api_key_last_used set last_used_at = now()",
        "insert into usage_flushes values (1, 1, now())",
        "update usage_flushes set sequence = 2",
        "delete from usage_flushes",
        "insert into custom_field_definitions (company_id, key, display_name, type)
            values (1, 'PLAN', 'Plan', 'text')",
        "update custom_field_definitions set display_name = 'The plan'",
        "insert into filterable_values (company_id, definition_id, digest, contact_id)
            values (1, 1, substr(sha256(''), 1, 16), 1)",
        "delete from filterable_values",
        "delete from custom_field_definitions",
        "insert into suppressions
            (company_id, digest, erased_contact_id, email_opted_out, whatsapp_opted_out)
            values (1, sha256(''), 1, true, false)",
        "insert into suppressed_contacts values (1, 1, 1)",
        "delete from suppressions",
        "delete from suppressed_contacts",
        "update consent_events set address = null",
        "delete from contacts",
        "select count(*) from companies, api_keys, contacts, consent_events, admins, audit_events",
        "select count(*) from schema_migrations",
    ] {
        service
            .batch_execute(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }
}

#[tokio::test]
async fn the_service_changes_no_table_and_no_history() {
    let app = TestApp::start().await;
    let service = postgres()
        .await
        .client("rubrica_service", app.database())
        .await;
    let tables = [
        "companies",
        "api_keys",
        "api_key_usage",
        "api_key_last_used",
        "contacts",
        "consent_events",
        "admins",
        "audit_events",
        "custom_field_definitions",
        "filterable_values",
        "suppressions",
        "suppressed_contacts",
    ];
    let of_tables = tables.iter().flat_map(|table| {
        [
            format!("drop table {table}"),
            format!("alter table {table} add column mine text"),
            format!("truncate {table}"),
            format!("create index on {table} (company_id)"),
        ]
    });
    let of_history = ["consent_events", "audit_events"].iter().flat_map(|table| {
        [
            format!("update {table} set company_id = 2"),
            format!("delete from {table}"),
        ]
    });
    let others = [
        "create table mine ()",
        "drop function json_merge_patch",
        "alter table audit_events disable trigger all",
        "update schema_migrations set checksum = 'x'",
        "insert into schema_migrations values (999, 'x', 'x', null)",
        "delete from companies",
        "delete from api_keys",
        "update suppressions set email_opted_out = false",
        "update filterable_values set digest = ''",
    ];
    let others = others.map(str::to_owned);

    for sql in of_tables.chain(of_history).chain(others) {
        let refused = service.batch_execute(&sql).await.expect_err(&sql);

        assert_eq!(
            refused.code().map(tokio_postgres::error::SqlState::code),
            Some(REFUSED),
            "{sql}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn of_a_consent_event_nobody_changes_more_than_an_address_that_is_erased() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let body =
        serde_json::json!({"email": "jane@example.com", "marketingConsent": {"email": true}});
    app.upsert(&tenant.key, &body).await.result();
    let owner = app.sql().await;

    for sql in [
        "update consent_events set address = 'john@example.com'",
        "update consent_events set address = null, new_status = false",
        "update consent_events set occurred_at = now()",
    ] {
        let refused = owner.batch_execute(sql).await.expect_err(sql);

        let code = refused.code().map(tokio_postgres::error::SqlState::code);
        assert_eq!(code, Some(REFUSED), "{sql}: {refused:?}");
    }
}
