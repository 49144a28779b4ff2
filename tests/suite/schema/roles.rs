//! The permissions of the service's database role.

use rubrica::domain::Role;

use crate::harness::{Binary, TestApp, postgres};

const REFUSED: &str = "42501";

#[tokio::test]
async fn the_service_role_reads_and_writes_rows() {
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
        "update admins set password_hash = 'y', disabled_at = now()",
        "insert into admins (email, company_id) values ('b@example.com', 1)",
        "delete from admins where password_hash is null",
        "select delete_expired_audit_events(now(), 10)",
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
async fn the_service_role_cannot_change_tables_or_history() {
    let app = TestApp::start().await;
    app.tenant().await;
    app.admin("ada@example.com", Role::Operator).await;
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
        // The database sets the time and the position of a recorded event.
        "insert into audit_events (actor, action, subject, occurred_at)
            values ('admin:1', 'key.create', 'key:1', '2020-01-01')",
        "insert into audit_events (id, actor, action, subject) overriding system value
            values (1000000, 'admin:1', 'key.create', 'key:1')",
        "insert into consent_events (id, company_id, contact_id, channel, new_status)
            overriding system value values (1000000, 1, 1, 'email', true)",
        "insert into consent_events (company_id, contact_id, channel, new_status, occurred_at)
            values (1, 1, 'email', true, '2020-01-01')",
        "insert into consent_events (company_id, contact_id, channel, new_status, occurred_at)
            values (1, 1, 'email', true, now() - interval '2 minutes')",
        "update consent_events set occurred_at = now()",
        // The company of a row and the secret of a key cannot change.
        "update admins set company_id = null",
        "update admins set company_id = 1",
        "update admins set email = 'eve@example.com'",
        "update admins set created_at = now()",
        "delete from admins",
        "update api_keys set company_id = 1",
        "update api_keys set secret_hash = 'x'",
        "update api_keys set client_id = 'aaaaaaaaaaaa'",
        "update companies set created_at = now()",
        "delete from schema_migrations",
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
async fn only_the_address_of_a_consent_event_can_be_erased() {
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

#[tokio::test]
async fn even_the_owner_cannot_truncate_the_history_by_accident() {
    let app = TestApp::start().await;
    app.tenant().await;
    let owner = postgres()
        .await
        .client("rubrica_owner", app.database())
        .await;
    let before = app.count("select count(*) from audit_events").await;

    for sql in [
        "truncate consent_events",
        "delete from consent_events",
        "truncate contacts, consent_events",
        "truncate audit_events",
        "delete from audit_events",
        "delete from audit_events where occurred_at < now() - interval '10 years'",
        "truncate companies cascade",
        "update audit_events set actor = 'nobody'",
    ] {
        let refused = owner.batch_execute(sql).await.expect_err(sql);

        let code = refused.code().map(tokio_postgres::error::SqlState::code);
        assert_eq!(code, Some(REFUSED), "{sql}: {refused:?}");
    }
    assert!(before > 0);
    assert_eq!(app.count("select count(*) from audit_events").await, before);
}

#[tokio::test]
async fn consent_events_cannot_be_in_the_future_and_an_owner_may_import_old_ones() {
    let app = TestApp::start().await;
    let server = postgres().await;
    let event = |id: u8, time: &str| {
        format!(
            "insert into consent_events (company_id, contact_id, channel, new_status, occurred_at)
                values (1, {id}, 'email', true, {time})"
        )
    };
    let service = server.client("rubrica_service", app.database()).await;
    let ahead = event(1, "now() + interval '1 year'");
    service.batch_execute(&ahead).await.expect("it is stored");
    let owner = server.client("rubrica_owner", app.database()).await;
    let imported = event(2, "'2020-01-01'");
    owner.batch_execute(&imported).await.expect("it is stored");

    let now = "select count(*) from consent_events
        where contact_id = 1 and occurred_at between now() - interval '5 minutes' and now()";
    assert_eq!(app.count(now).await, 1);
    let old = "select count(*) from consent_events
        where contact_id = 2 and occurred_at = '2020-01-01'";
    assert_eq!(app.count(old).await, 1);
}

#[tokio::test]
async fn a_long_transaction_cannot_backdate_its_rows() {
    let app = TestApp::start().await;
    let service = postgres()
        .await
        .client("rubrica_service", app.database())
        .await;
    let sql = "begin";
    service.batch_execute(sql).await.expect(sql);
    let begun = "select extract(epoch from now())::float8";
    let begun: f64 = service.query_one(begun, &[]).await.expect(begun).get(0);
    let sql = "select pg_sleep(0.01);
        insert into audit_events (actor, action, subject) values ('a', 'held', 'c');
        commit";
    service.batch_execute(sql).await.expect(sql);

    let event = "select extract(epoch from occurred_at)::float8 from audit_events
        where action = 'held'";
    let recorded: f64 = service.query_one(event, &[]).await.expect(event).get(0);

    assert!(recorded >= begun + 0.01, "{begun} {recorded}");
}

#[tokio::test]
async fn other_roles_cannot_connect_or_create_temporary_tables() {
    let server = postgres().await;
    let database = server.empty_database().await;
    let superuser = server.client("postgres", &database).await;
    let role = format!("stranger_of_{database}");
    let sql = format!("create role {role} login");
    superuser.batch_execute(&sql).await.expect(&sql);

    // A second run changes nothing.
    for _ in 0..2 {
        Binary::on(server, &database).run(&["migrate"]).text();
    }

    let sql = "select has_database_privilege($1, current_database(), $2)";
    for (role, privilege, expected) in [
        (role.as_str(), "connect", false),
        (role.as_str(), "temporary", false),
        ("rubrica_service", "connect", true),
        ("rubrica_service", "temporary", false),
        ("rubrica_owner", "connect", true),
    ] {
        let row = superuser.query_one(sql, &[&role, &privilege]).await;
        let is_granted: bool = row.expect(sql).get(0);
        assert_eq!(is_granted, expected, "{role} {privilege}");
    }
    let service = server.client("rubrica_service", &database).await;
    let sql = "create temporary table mine ()";
    let refused = service.batch_execute(sql).await.expect_err(sql);
    assert_eq!(
        refused.code().map(tokio_postgres::error::SqlState::code),
        Some(REFUSED)
    );
}

#[tokio::test]
async fn table_wide_grants_of_an_earlier_release_are_revoked() {
    let server = postgres().await;
    let database = server.empty_database().await;
    let rubrica = Binary::on(server, &database);
    rubrica.run(&["migrate"]).text();
    let owner = server.client("rubrica_owner", &database).await;
    let earlier =
        "grant select, insert, update on companies, api_keys, contacts, admins to rubrica_service;
        grant select, insert on audit_events to rubrica_service;
        grant select, insert, update (address) on consent_events to rubrica_service";
    owner.batch_execute(earlier).await.expect(earlier);

    rubrica.run(&["migrate"]).text();

    let sql = "select
        has_column_privilege('rubrica_service', 'admins', 'company_id', 'update')
        or has_column_privilege('rubrica_service', 'audit_events', 'occurred_at', 'insert')
        or has_column_privilege('rubrica_service', 'api_keys', 'secret_hash', 'update')
        or has_column_privilege('rubrica_service', 'consent_events', 'id', 'insert')";
    let is_left: bool = owner.query_one(sql, &[]).await.expect(sql).get(0);
    assert!(!is_left);
}
