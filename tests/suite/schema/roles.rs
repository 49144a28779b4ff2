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
        "contacts",
        "consent_events",
        "admins",
        "audit_events",
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
        "drop function upsert_contact",
        "alter table audit_events disable trigger all",
        "update schema_migrations set checksum = 'x'",
        "insert into schema_migrations values (999, 'x', 'x', null)",
        "delete from companies",
        "delete from api_keys",
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
