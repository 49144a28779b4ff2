//! Each lookup of a request uses its index.

use serde_json::Value;
use time::Duration;
use time::macros::datetime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Transaction};

use super::directory;
use crate::harness::{fresh_database, postgres};

/// Large companies with active contacts. A quarter of the identifiers were deleted several times. The
/// statistics cover all rows instead of a random sample, so that plans do not vary. The tests look for
/// none of the most common values, because Postgres estimates those differently.
const ROWS: &str = "
    alter table contacts set (autovacuum_enabled = false);
    set default_statistics_target = 200;

    insert into companies (name) select 'company ' || n from generate_series(1, 2000) as n;

    insert into contacts (company_id, email, phone, deleted_at)
    select 1 + n % 4, 'jane' || n / 4 || '@example.com', '+3933' || 10000000 + n / 4, null
    from generate_series(0, 19999) as n;

    insert into contacts (company_id, email, phone, deleted_at)
    select
        1 + n % 4,
        case when n % 3 > 0 then 'jane' || n / 16 || '@example.com' end,
        '+3933' || 10000000 + n / 16,
        now() - n * interval '1 minute'
    from generate_series(0, 19999) as n;

    insert into consent_events (company_id, contact_id, channel, new_status)
    select contacts.company_id, contacts.id, 'email', n = 1
    from contacts, generate_series(1, 2) as n;

    insert into custom_field_definitions (company_id, key, display_name, type)
    select 1 + n % 2000, 'KEY' || n, 'Key', 'text' from generate_series(1, 8000) as n;

    insert into suppressions (
        company_id, digest, erased_contact_id, email_opted_out, whatsapp_opted_out
    )
    select 1 + n % 4, sha256(n::text::bytea), n, true, false from generate_series(1, 20000) as n;

    insert into suppressed_contacts (company_id, contact_id, erased_contact_id)
    select 1 + n % 4, n, n from generate_series(1, 20000) as n;

    insert into api_keys (
        client_id, company_id, name, secret_hash, token_key_fingerprint, scopes
    )
    select
        translate(left(md5(n::text), 12), '0189', 'wxyz'), n, 'key', 'hash', 'key',
        '{contacts:write}'
    from generate_series(1, 2000) as n;

    insert into api_key_usage
    select company_id, client_id, now() - n * interval '1 hour', 1, 0, 0, 0
    from api_keys, generate_series(1, 20) as n;

    insert into api_key_last_used select company_id, client_id, now() from api_keys;

    analyze";

async fn database_with_rows() -> Client {
    let client = postgres()
        .await
        .client("postgres", &fresh_database().await)
        .await;
    client.batch_execute(ROWS).await.expect("rows");
    client
}

/// The plan of a statement, and the indexes it uses, from the top down.
async fn explain(client: &Client, statement: &str) -> (Value, Vec<String>) {
    let sql = format!("explain (format json) {statement}");
    let plan: Value = client.query_one(&sql, &[]).await.expect(statement).get(0);
    let mut indexes = Vec::new();
    collect_indexes(&plan[0]["Plan"], &mut indexes);
    (plan, indexes)
}

fn collect_indexes(node: &Value, indexes: &mut Vec<String>) {
    if let Some(index) = node["Index Name"].as_str() {
        indexes.push(index.to_owned());
    }
    for node in node["Plans"].as_array().into_iter().flatten() {
        collect_indexes(node, indexes);
    }
}

fn assert_no_other_work(plan: &Value, statement: &str) {
    let text = plan.to_string();
    for work in ["Seq Scan", "Sort", "Bitmap Heap Scan"] {
        assert!(
            !text.contains(&format!("\"Node Type\":\"{work}\"")),
            "{statement}\n{plan:#}"
        );
    }
}

/// Prepares a statement of `sql/queries`, executes it this often, and checks that its plan uses the index.
pub(super) async fn assert_index_is_used(
    client: &Client,
    name: &str,
    arguments: &str,
    index: &str,
    executions: usize,
) {
    let file = directory("sql/queries").join(format!("{name}.sql"));
    let sql = std::fs::read_to_string(file).expect(name);
    let prepare = format!("prepare {name} as\n{sql}");
    client.batch_execute("deallocate all").await.expect(name);
    client.batch_execute(&prepare).await.expect(name);
    let execute = format!("execute {name} {arguments}");
    for _ in 0..executions {
        let undone = format!("begin; {execute}; rollback");
        client.batch_execute(&undone).await.expect(name);
    }

    let (plan, indexes) = explain(client, &execute).await;

    let uses_it = indexes.iter().any(|used| used == index);
    assert!(uses_it, "{execute}\n{plan:#}");
    let scans = plan.to_string().contains("Seq Scan");
    assert!(!scans, "{execute}\n{plan:#}");
}

#[tokio::test]
async fn an_upsert_finds_each_candidate_by_one_index() {
    let client = database_with_rows().await;
    assert_candidates_are_found_by_one_index(&client).await;
}

#[tokio::test]
async fn an_upsert_finds_each_candidate_by_one_index_even_without_statistics() {
    let database = fresh_database().await;
    let client = postgres().await.client("postgres", &database).await;
    let (rows, _analyze) = ROWS.rsplit_once("analyze").expect("it ends so");
    client.batch_execute(rows).await.expect("rows");

    assert_candidates_are_found_by_one_index(&client).await;
}

async fn assert_candidates_are_found_by_one_index(client: &Client) {
    let live = "company_id = 2 and deleted_at is null";
    let deleted = "company_id = 2 and deleted_at is not null";
    let latest = "order by deleted_at desc limit 1";
    // The conditions of upsert_contact.
    let table = [
        (
            "contacts_live_email",
            format!("email = 'jane4017@example.com' and {live}"),
        ),
        (
            "contacts_live_phone",
            format!("phone = '+393310004017' and {live}"),
        ),
        (
            "contacts_deleted_email",
            format!("email = 'jane717@example.com' and {deleted} {latest}"),
        ),
        (
            "contacts_deleted_phone",
            format!("phone = '+393310000717' and {deleted} {latest}"),
        ),
        (
            "contacts_deleted_phone",
            format!("phone = '+393310000717' and {deleted} and email is null {latest}"),
        ),
        (
            "contacts_deleted_email",
            "company_id = 2 and email = 'jane717@example.com' and deleted_at > now()".to_owned(),
        ),
    ];

    for (index, conditions) in table {
        let statement = format!("select id, custom_fields from contacts where {conditions}");
        let (plan, indexes) = explain(client, &statement).await;

        assert_eq!(indexes, [index], "{statement}\n{plan:#}");
        assert_no_other_work(&plan, &statement);
    }
}

#[tokio::test]
async fn lookups_by_one_key_use_its_index() {
    let client = database_with_rows().await;
    let table = [
        (
            "find_api_key",
            "(translate(left(md5('7'), 12), '0189', 'wxyz'))",
            "api_keys_pkey",
        ),
        ("list_api_keys", "(7, '2000-01-01')", "api_keys_by_company"),
        (
            "list_api_keys",
            "(7, '2000-01-01')",
            "api_key_last_used_pkey",
        ),
        (
            "find_usage",
            "(7, translate(left(md5('7'), 12), '0189', 'wxyz'), '2000-01-01', 'infinity')",
            "api_key_usage_pkey",
        ),
        (
            "forget_usage",
            "(1, '', 100, '2000-01-01', 50)",
            "api_keys_pkey",
        ),
        (
            "forget_usage",
            "(1, '', 100, '2000-01-01', 50)",
            "api_key_usage_pkey",
        ),
        (
            "find_contact_by_email",
            "(2, 'jane4017@example.com')",
            "contacts_live_email",
        ),
        (
            "find_contact_by_phone",
            "(2, '+393310004017')",
            "contacts_live_phone",
        ),
        (
            "list_consent_events",
            "(2, 17, 1000000, 100)",
            "consent_events_pkey",
        ),
        ("find_api_key", "('x')", "custom_field_definitions_key"),
        (
            "find_custom_field_definition",
            "(7, 'KEY6')",
            "custom_field_definitions_key",
        ),
        (
            "list_custom_field_definitions",
            "(7)",
            "custom_field_definitions_key",
        ),
        (
            "unfinished_filters",
            "",
            "custom_field_definitions_unfinished",
        ),
        (
            "expired_contacts",
            "(0, 100, now() - interval '10 days', 20)",
            "contacts_by_deletion",
        ),
        (
            "expired_contacts",
            "(0, 100, now() - interval '10 days', 20)",
            "companies_pkey",
        ),
        (
            "lift_suppressions",
            "(2, array[sha256('17')])",
            "suppressions_by_erased_contact",
        ),
        (
            "lift_suppressions",
            "(2, array[sha256('17')])",
            "suppressed_contacts_by_erased_contact",
        ),
    ];

    for (name, arguments, index) in table {
        assert_index_is_used(&client, name, arguments, index, 0).await;
    }
}

#[tokio::test]
async fn expired_audit_events_are_searched_only_among_the_oldest() {
    let client = database_with_rows().await;
    let rows = "insert into audit_events (actor, action, subject)
            select 'a', 'b', 'c' from generate_series(1, 20000);
        analyze audit_events";
    client.batch_execute(rows).await.expect("rows");
    // The statement of delete_expired_audit_events.
    let statement = "delete from audit_events as expired
        where expired.id = any(array(
            select oldest.id
            from (select id, occurred_at from audit_events order by id limit 100) as oldest
            where oldest.occurred_at < now() - interval '400 days'
        ))";

    let (plan, indexes) = explain(&client, statement).await;

    assert_eq!(
        indexes,
        ["audit_events_pkey", "audit_events_pkey"],
        "{plan:#}"
    );
    assert!(!plan.to_string().contains("Seq Scan"), "{plan:#}");
}

#[tokio::test]
async fn a_batch_of_upserts_reads_only_its_rows_even_without_statistics() {
    let database = fresh_database().await;
    let client = postgres().await.client("postgres", &database).await;
    let (rows, _analyze) = ROWS.rsplit_once("analyze").expect("it ends so");
    client.batch_execute(rows).await.expect("rows");
    // Another connection, because the statistics of the first arrive later.
    let mut client = postgres().await.client("postgres", &database).await;
    let upsert = "select (upsert_contacts(
            array_agg(2::bigint), array_agg('abcdefghijkl'::text),
            array_agg('jane' || number || '@example.com'), array_agg(null::text),
            array_agg('{\"set\": true}'::jsonb), array_agg(null::boolean), array_agg(null::boolean),
            array_agg(false), array_agg('replace'::text), array_agg(false),
            array_agg(''::bytea), 100
        )).outcomes
        from generate_series(4001, 4100) as number";
    let reads = "select seq_scan, seq_tup_read + idx_tup_fetch
        from pg_stat_xact_user_tables where relname = 'contacts'";

    let transaction = client.transaction().await.expect("a transaction");
    let outcomes: Vec<String> = transaction
        .query_one(upsert, &[])
        .await
        .expect(upsert)
        .get(0);
    let stats = transaction.query_one(reads, &[]).await.expect(reads);

    assert!(
        outcomes.iter().all(|outcome| outcome == "updated"),
        "{outcomes:?}"
    );
    let (scans, rows): (i64, i64) = (stats.get(0), stats.get(1));
    assert_eq!(scans, 0);
    assert!(rows <= 200, "{rows} rows for 100 contacts");
}

#[tokio::test]
async fn a_flush_of_usage_updates_rows_without_a_new_index_entry() {
    let database = fresh_database().await;
    let mut client = postgres().await.client("postgres", &database).await;
    let file = directory("sql/queries/record_usage.sql");
    let sql = std::fs::read_to_string(file).expect("the statement");
    let companies = vec![1_i64; 100];
    let clients: Vec<String> = (0..100).map(|n| format!("client{n}")).collect();
    let hours = vec![datetime!(2026-01-01 0:00 UTC); 100];
    let counts = vec![1_i64; 100];
    let times = |number| vec![datetime!(2026-01-01 0:00 UTC) + Duration::minutes(number); 100];
    let flush = async |transaction: &Transaction<'_>, number: i64| {
        let all = &counts;
        let parameters: [&(dyn ToSql + Sync); 10] = [
            &1_i64,
            &number,
            &companies,
            &clients,
            &hours,
            all,
            all,
            all,
            all,
            &times(number),
        ];
        let written = transaction.execute(&sql, &parameters).await;
        assert_eq!(written.expect("rows"), 100);
    };
    let stats = "select sum(n_tup_upd)::bigint, sum(n_tup_hot_upd)::bigint
        from pg_stat_xact_user_tables where relname in ('api_key_usage', 'api_key_last_used')";

    let transaction = client.transaction().await.expect("a transaction");
    flush(&transaction, 1).await;
    flush(&transaction, 2).await;
    let counts = transaction.query_one(stats, &[]).await.expect(stats);

    let (updated, hot): (i64, i64) = (counts.get(0), counts.get(1));
    assert_eq!(updated, 200);
    assert_eq!(hot, updated);
}
