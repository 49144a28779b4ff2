//! The migrations and what they make.

use super::{directory, files};
use crate::harness::{fresh_database, postgres};

async fn names(sql: &str) -> Vec<String> {
    let client = postgres()
        .await
        .client("postgres", &fresh_database().await)
        .await;
    let rows = client.query(sql, &[]).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn every_migration_file_is_applied_in_its_order() {
    let applied = names("select format('V%s__%s.sql', version, name) from schema_migrations").await;
    let mut files: Vec<(u32, String)> = files(&directory("sql/migrations"), "sql")
        .into_iter()
        .map(|(file, _)| {
            let version = file
                .strip_prefix('V')
                .and_then(|rest| rest.split_once("__"));
            (version.expect(&file).0.parse().expect(&file), file)
        })
        .collect();
    files.sort();

    let versions: Vec<u32> = files.iter().map(|(version, _)| *version).collect();
    assert_eq!(
        versions,
        (1..).take(files.len()).collect::<Vec<u32>>(),
        "without gaps"
    );
    let files: Vec<String> = files.into_iter().map(|(_, file)| file).collect();
    assert_eq!(applied, files, "src/store/schema/migrate.rs lists them all");
}

#[tokio::test]
async fn every_table_index_and_function_has_a_comment() {
    // The index of a primary key or unique constraint is explained by that.
    let silent = names(
        "select pg_class.relname::text
        from pg_class
        where pg_class.relnamespace = 'public'::regnamespace
            and pg_class.relkind in ('r', 'p', 'i', 'I', 'v', 'm')
            and obj_description(pg_class.oid, 'pg_class') is null
            and not exists (
                select from pg_constraint
                where pg_constraint.conindid = pg_class.oid and pg_constraint.contype in ('p', 'u', 'x')
            )
        union all
        select pg_proc.proname::text
        from pg_proc
        where pg_proc.pronamespace = 'public'::regnamespace
            and obj_description(pg_proc.oid, 'pg_proc') is null",
    )
    .await;

    assert_eq!(silent, Vec::<String>::new());
}

#[tokio::test]
async fn keys_and_indexes_of_contacts_events_and_usage_begin_with_the_company() {
    let others = names(
        "select pg_class.relname::text
        from pg_index
        inner join pg_class on pg_class.oid = pg_index.indexrelid
        inner join pg_attribute on pg_attribute.attrelid = pg_index.indrelid
            and pg_attribute.attnum = pg_index.indkey[0]
        where pg_index.indrelid = any (array[
                'contacts', 'consent_events', 'api_key_usage', 'api_key_last_used'
            ]::regclass[])
            and pg_attribute.attname <> 'company_id'",
    )
    .await;

    assert_eq!(
        others,
        Vec::<String>::new(),
        "so that they can be distributed by company"
    );
}
