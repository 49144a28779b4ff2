//! Each lookup of administrators uses its index, even with the generic plan that Postgres considers after
//! several executions.

use super::plans::assert_index_is_used;
use crate::harness::{fresh_database, postgres};

/// After this many executions Postgres considers a generic plan.
const OFTEN: usize = 8;

const ROWS: &str = "
    insert into companies (name) select 'company ' || n from generate_series(1, 2000) as n;

    insert into api_keys (
        client_id, company_id, name, secret_hash, token_key_fingerprint, scopes
    )
    select
        translate(left(md5(n::text), 12), '0189', 'wxyz'), n, 'key', 'hash', 'key',
        '{contacts:write}'
    from generate_series(1, 2000) as n;

    insert into api_key_last_used select company_id, client_id, now() from api_keys;

    insert into admins (email, company_id, invitation_digest, invitation_expires_at)
    select 'admin' || n || '@example.com', n, sha256(n::text::bytea), now()
    from generate_series(1, 2000) as n;

    insert into admin_identities (admin_id, issuer, subject, bound_at)
    select id, 'https://issuer.example.com', email, now() from admins;

    insert into admin_sessions (admin_id, created_at, expires_at)
    select id, now(), now() + n * interval '1 hour' from admins, generate_series(1, 10) as n;

    insert into admin_refresh_tokens (digest, session_id, issued_at)
    select sha256(id::text::bytea), id, now() from admin_sessions;

    insert into audit_events (actor, action, company_id, subject)
    select 'admin:' || n % 2000, 'key.create', 1 + n % 2000, 'key:' || n / 10
    from generate_series(1, 40000) as n;

    analyze";

#[tokio::test]
async fn each_lookup_of_administrators_uses_its_index() {
    let client = postgres()
        .await
        .client("postgres", &fresh_database().await)
        .await;
    client.batch_execute(ROWS).await.expect("rows");
    let any_event = "null, null, null, null, null, null, null, 51";
    let table = [
        (
            "find_managed_api_key",
            "translate(left(md5('7'), 12), '0189', 'wxyz'), null",
            "api_keys_pkey",
        ),
        ("find_admin", "7, null", "admins_pkey"),
        (
            "find_admin_by_email",
            "'admin7@example.com'",
            "admins_email",
        ),
        (
            "lock_admin_by_invitation",
            "sha256('7'), '2000-01-01'",
            "admins_invitation",
        ),
        ("lock_admins", "array[7, 8], false", "admins_pkey"),
        ("lock_admins", "array[7, 8], true", "admins_by_company"),
        ("lock_admins", "array[7, 8], true", "audit_events_by_actor"),
        (
            "lock_expired_invitation",
            "'admin7@example.com', '2000-01-01'",
            "admins_email",
        ),
        ("find_inviter", "'admin:7'", "audit_events_by_subject"),
        ("list_admins", "null, 0, 51", "admins_pkey"),
        ("list_companies", "7, 0, 1", "companies_pkey"),
        ("list_companies", "null, 0, 51", "companies_pkey"),
        (
            "find_admin_session",
            "7, 7, '2000-01-01'",
            "admin_sessions_pkey",
        ),
        (
            "find_refresh_token",
            "sha256('7')",
            "admin_refresh_tokens_pkey",
        ),
        (
            "use_refresh_token",
            "sha256('7'), '2000-01-01'",
            "admin_refresh_tokens_pkey",
        ),
        (
            "end_admin_sessions",
            "7, '2000-01-01'",
            "admin_sessions_by_admin",
        ),
        (
            "forget_admin_sessions",
            "'2000-01-01'",
            "admin_sessions_by_expiry",
        ),
        ("list_audit_events", any_event, "audit_events_pkey"),
        (
            "list_audit_events",
            "7, null, null, null, null, null, null, 51",
            "audit_events_by_company",
        ),
        (
            "list_audit_events",
            "null, 'admin:7', null, null, null, null, null, 51",
            "audit_events_by_actor",
        ),
        (
            "list_audit_events",
            "null, null, null, 'key:7', null, null, null, 51",
            "audit_events_by_subject",
        ),
    ];

    for (name, arguments, index) in table {
        let arguments = format!("({arguments})");
        assert_index_is_used(&client, name, &arguments, index, OFTEN).await;
    }
}
