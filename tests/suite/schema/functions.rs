//! The functions of the schema: when `rubrica migrate` replaces them, and when it leaves them alone.

use tokio_postgres::Client;

use crate::harness::{Binary, TestApp, fresh_database, postgres};

/// A function of another text, whose effect is visible.
const OTHER_TEXT: &str = "create or replace function give_way() returns void
    language plpgsql as $$ begin raise exception 'another text'; end; $$";

struct Database {
    owner: Client,
    rubrica: Binary,
}

impl Database {
    async fn migrated() -> Self {
        let name = fresh_database().await;
        let server = postgres().await;
        Self {
            owner: server.client("rubrica_owner", &name).await,
            rubrica: Binary::on(server, &name),
        }
    }

    async fn sql(&self, sql: &str) {
        self.owner.batch_execute(sql).await.expect(sql);
    }

    /// Pretends that another build applied its functions, which have another text.
    async fn applied_by(&self, version: i32, release: &str) {
        self.sql(OTHER_TEXT).await;
        let record = "insert into schema_functions (version, checksum, release)
            values ($1, 'other', $2)";
        self.owner
            .execute(record, &[&version, &release])
            .await
            .expect(record);
    }

    /// Whether the function has the text of this release.
    async fn has_our_text(&self) -> bool {
        let sql = "select prosrc not like '%another text%' from pg_proc where proname = 'give_way'";
        self.owner.query_one(sql, &[]).await.expect(sql).get(0)
    }

    async fn records(&self) -> i64 {
        let sql = "select count(*) from schema_functions";
        self.owner.query_one(sql, &[]).await.expect(sql).get(0)
    }

    /// The version and the release of the current record.
    async fn current(&self) -> (i32, String) {
        let sql = "select version, release from schema_functions order by id desc limit 1";
        let row = self.owner.query_one(sql, &[]).await.expect(sql);
        (row.get(0), row.get(1))
    }
}

#[tokio::test]
async fn functions_of_an_earlier_release_are_replaced_whatever_their_version() {
    let database = Database::migrated().await;
    let ours = database.current().await;
    database.applied_by(999, "0.1.0").await;

    let run = database.rubrica.run(&["migrate"]);

    assert!(run.text().contains("replaced the functions"), "{run:?}");
    assert!(database.has_our_text().await);
    assert_eq!(database.current().await, ours);
}

#[tokio::test]
async fn functions_of_an_earlier_build_of_this_release_are_replaced() {
    let database = Database::migrated().await;
    let ours = database.current().await;
    database.applied_by(0, env!("CARGO_PKG_VERSION")).await;

    database.rubrica.run(&["migrate"]).text();

    assert!(database.has_our_text().await);
    assert_eq!(database.current().await, ours);
}

#[tokio::test]
async fn functions_of_a_newer_release_or_build_are_kept_and_reported() {
    for (version, release) in [(0, "99.0.0"), (999, env!("CARGO_PKG_VERSION"))] {
        let database = Database::migrated().await;
        database.applied_by(version, release).await;
        let before = database.records().await;

        let run = database.rubrica.run(&["migrate"]);

        let words =
            format!("left the functions alone: release {release} installed version {version}");
        assert!(run.text().contains(&words), "{run:?}");
        assert!(!database.has_our_text().await, "{release}");
        assert_eq!(database.records().await, before);
    }
}

#[tokio::test]
async fn migrating_again_replaces_no_function_and_records_nothing() {
    let database = Database::migrated().await;
    let sql = "select max(xmin::text::bigint) from pg_proc where proname = 'upsert_contact'";
    let before: i64 = database.owner.query_one(sql, &[]).await.expect(sql).get(0);

    database.rubrica.run(&["migrate"]).text();

    let after: i64 = database.owner.query_one(sql, &[]).await.expect(sql).get(0);
    assert_eq!(after, before);
    assert_eq!(database.records().await, 1);
}

#[tokio::test]
async fn identical_functions_are_recorded_for_the_newest_release() {
    let database = Database::migrated().await;
    let ours = database.current().await;
    database
        .sql("update schema_functions set release = '0.1.0', version = 0")
        .await;
    let run = database.rubrica.run(&["migrate"]);

    assert_eq!(run.text().lines().count(), 1, "{run:?}");
    assert_eq!(database.current().await, ours);
}

#[tokio::test]
async fn a_failed_replacement_changes_no_function_and_no_record() {
    let database = Database::migrated().await;
    database.applied_by(0, "0.1.0").await;
    // The last of them. Postgres replaces no function by one that returns something else.
    database
        .sql(
            "drop function erase_expired_contact;
            create function erase_expired_contact(
                for_company_id bigint, target_id bigint, deleted_before timestamptz,
                all_identifiers text [], all_digests bytea []
            ) returns text language sql as 'select null::text'",
        )
        .await;
    let before = database.records().await;

    let run = database.rubrica.run(&["migrate"]);

    let error = run.error();
    assert!(
        error.contains("sql/functions/erase_expired_contact.sql"),
        "{error}"
    );
    assert!(error.contains("return type"), "{error}");
    assert!(!database.has_our_text().await);
    assert_eq!(database.records().await, before);
}

#[tokio::test]
async fn obsolete_functions_are_dropped_and_functions_of_the_operator_are_kept() {
    let server = postgres().await;
    let name = server.empty_database().await;
    let owner = server.client("rubrica_owner", &name).await;
    let added = "create function report() returns integer language sql as 'select 1'";
    owner.batch_execute(added).await.expect(added);

    Binary::on(server, &name).run(&["migrate"]).text();

    let sql = "select
        to_regprocedure('report()') is not null,
        to_regprocedure(
            'upsert_contact(bigint, text, text, text, jsonb, boolean, boolean, boolean)'
        ) is null,
        to_regprocedure(
            'upsert_contact(bigint, text, text, text, jsonb, boolean, boolean, boolean, bytea[])'
        ) is not null";
    let row = owner.query_one(sql, &[]).await.expect(sql);
    let found: [bool; 3] = [row.get(0), row.get(1), row.get(2)];
    assert_eq!(found, [true; 3]);
}

#[tokio::test]
async fn the_service_role_can_read_but_not_change_the_record() {
    let app = TestApp::start().await;
    let service = postgres()
        .await
        .client("rubrica_service", app.database())
        .await;

    let sql = "select * from schema_functions";
    assert_eq!(service.query(sql, &[]).await.expect(sql).len(), 1);
    for sql in [
        "update schema_functions set version = 999",
        "delete from schema_functions",
        "insert into schema_functions (version, checksum, release) values (1, 'x', '1.0.0')",
        OTHER_TEXT,
    ] {
        let refused = service.batch_execute(sql).await.expect_err(sql);
        let code = refused.code().map(tokio_postgres::error::SqlState::code);
        assert_eq!(code, Some("42501"), "{sql}: {refused:?}");
    }
}
