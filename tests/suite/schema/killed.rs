//! `rubrica migrate`, killed in the middle of its work.

use tokio_postgres::Client;

use crate::harness::{Binary, Postgres, eventually, migrate, postgres};

const SCHEMA_MIGRATIONS: &str = include_str!("../../../sql/schema_migrations.sql");
/// Makes a migration wait for a lock before its COMMIT.
const WAIT: &str = "
    create function wait() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(1); return new; end; $$";

async fn number(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.expect("a number").get(0)
}

/// Kills `rubrica migrate` when all migrations up to `version` are applied and the next one is about to
/// be committed.
async fn kill_after(version: usize, server: &Postgres, database: &str, owner: &Client) {
    let stop = format!(
        "create or replace trigger wait before insert on schema_migrations
        for each row when (new.version > {version}) execute function wait();
        select pg_advisory_lock(1)"
    );
    owner.batch_execute(&stop).await.expect("it will stop");
    let mut run = Binary::on(server, database).start(&["migrate"]);
    let waiting = "
        select count(*) from pg_locks
        where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())";
    let next = format!("the commit of V{}", version + 1);
    eventually(&next, async || number(owner, waiting).await, |n| *n > 0).await;
    run.kill().expect("it is killed");
    run.wait().expect("it ends");
    let unlock = "select pg_advisory_unlock(1)";
    owner.batch_execute(unlock).await.expect("it may go on");
}

#[tokio::test]
async fn migrate_killed_after_any_migration_finishes_when_run_again() {
    let server = postgres().await;
    let (database, other) = (server.empty_database().await, server.empty_database().await);
    migrate(server, &other).await;
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/migrations"));
    let owner = server.client("rubrica_owner", &database).await;
    owner
        .batch_execute(SCHEMA_MIGRATIONS)
        .await
        .expect("it is created");
    owner.batch_execute(WAIT).await.expect("it is created");

    for version in 0..files.expect("migrations").count() {
        kill_after(version, server, &database, &owner).await;
        let applied = "select count(*) from schema_migrations";
        let applied = number(&owner, applied).await;
        assert_eq!(applied, i64::try_from(version).expect("a number"));
    }
    let end = "drop trigger wait on schema_migrations; drop function wait";
    owner.batch_execute(end).await.expect("nothing waits");
    Binary::on(server, &database).run(&["migrate"]).text();

    assert_eq!(server.dump_schema(&database), server.dump_schema(&other));
}
