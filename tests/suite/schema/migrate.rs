//! `rubrica migrate`

use tokio_postgres::Client;

use crate::harness::{Binary, postgres};

async fn number(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.expect("a number").get(0)
}

const APPLIED: &str = "select count(*) from schema_migrations";

#[tokio::test]
async fn ten_concurrent_migrations_of_an_empty_database_apply_each_version_once() {
    let server = postgres().await;
    let database = server.empty_database().await;
    let rubrica = Binary::on(server, &database);

    let threads: Vec<_> = (0..10)
        .map(|_| {
            let rubrica = rubrica.clone();
            std::thread::spawn(move || rubrica.run(&["migrate"]))
        })
        .collect();
    let runs: Vec<_> = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();

    let owner = server.client("rubrica_owner", &database).await;
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/migrations"));
    let files = files.unwrap().count();
    let applied = runs.iter().flat_map(|run| run.text().lines());
    assert_eq!(
        applied.filter(|line| line.starts_with("applied ")).count(),
        files
    );
    assert_eq!(number(&owner, APPLIED).await, i64::try_from(files).unwrap());
    for run in &runs {
        let last = run.text().lines().last();
        assert_eq!(
            last,
            Some(format!("the schema is at version {files}").as_str())
        );
    }
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let server = postgres().await;
    let database = server.empty_database().await;
    let rubrica = Binary::on(server, &database);
    let owner = server.client("rubrica_owner", &database).await;
    let last = "select extract(epoch from max(applied_at))::bigint from schema_migrations";

    let first = rubrica.run(&["migrate"]);
    let applied_at = number(&owner, last).await;
    let second = rubrica.run(&["migrate"]);

    assert!(first.text().starts_with("applied V1 tables\n"), "{first:?}");
    assert_eq!(second.text().lines().count(), 1, "{second:?}");
    assert_eq!(number(&owner, last).await, applied_at);
}

#[tokio::test]
async fn one_url_of_a_superuser_and_no_service_role_is_enough() {
    let server = postgres().await;
    let database = server.empty_database().await;
    let rubrica = Binary::on(server, &database)
        .set("RUBRICA__DATABASE__URL", server.url("postgres", &database))
        .unset("RUBRICA__DATABASE__MIGRATE_URL")
        .unset("RUBRICA__DATABASE__SERVICE_ROLE");

    rubrica.run(&["migrate"]).text();

    let created = rubrica.run(&["company", "create", "Acme", "--json"]).json();
    assert_eq!(created["companyId"], "1");
}

#[tokio::test]
async fn an_unknown_service_role_is_named_and_can_be_corrected() {
    let server = postgres().await;
    let database = server.empty_database().await;
    let rubrica = Binary::on(server, &database);
    let misspelt = rubrica
        .clone()
        .set("RUBRICA__DATABASE__SERVICE_ROLE", "no such \"role");

    let run = misspelt.run(&["migrate"]);

    assert!(run.error().contains("no such \"role"), "{run:?}");
    assert!(run.error().contains("database.service_role"), "{run:?}");
    rubrica.run(&["migrate"]).text();
    rubrica.run(&["company", "list"]).text();
}

#[tokio::test]
async fn a_migration_that_was_edited_after_it_was_applied_is_refused_by_name() {
    let server = postgres().await;
    let database = server.empty_database().await;
    let rubrica = Binary::on(server, &database);
    rubrica.run(&["migrate"]).text();
    let owner = server.client("rubrica_owner", &database).await;
    let edit = "update schema_migrations set checksum = 'other' where version = 2";
    owner.batch_execute(edit).await.unwrap();

    let run = rubrica.run(&["migrate"]);

    assert!(run.error().contains("V2 upsert_contact"), "{run:?}");
    assert!(run.error().contains("edited"), "{run:?}");
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind_and_can_be_repeated() {
    let server = postgres().await;
    let database = server.empty_database().await;
    let rubrica = Binary::on(server, &database);
    let owner = server.client("rubrica_owner", &database).await;
    owner.batch_execute("create table admins ()").await.unwrap();

    let run = rubrica.run(&["migrate"]);

    assert!(run.error().contains("V1 tables"), "{run:?}");
    assert!(run.error().contains("admins"), "{run:?}");
    assert_eq!(number(&owner, APPLIED).await, 0);
    let tables = "select count(*) from pg_tables where schemaname = 'public'";
    assert_eq!(number(&owner, tables).await, 2);
    owner.batch_execute("drop table admins").await.unwrap();
    rubrica.run(&["migrate"]).text();
}

#[tokio::test]
async fn a_newer_schema_is_not_changed() {
    let server = postgres().await;
    let database = server.empty_database().await;
    let rubrica = Binary::on(server, &database);
    rubrica.run(&["migrate"]).text();
    let owner = server.client("rubrica_owner", &database).await;
    let newer = "insert into schema_migrations values (999, 'later', 'x', null)";
    owner.batch_execute(newer).await.unwrap();
    let before = number(&owner, APPLIED).await;

    let run = rubrica.run(&["migrate"]);

    assert_eq!(run.text(), "the schema is at version 999\n");
    assert_eq!(number(&owner, APPLIED).await, before);
}
