-- Upserts one contact without BEGIN and COMMIT around the statement, which saves messages to the server. So the
-- statement itself sets the lock timeout ($12, milliseconds) before the upsert, which depends on it. After the
-- upsert it refuses a write later than $13 (seconds since 1970). On a standby it fails with 55000 before the upsert.
-- Called by store::batching::upserts.
select
    outcome,
    contact_id,
    matched_by,
    email_conflict_id,
    phone_conflict_id,
    second_phone_conflict_id,
    previous_email,
    suppressed_consents,
    refuse_after(to_timestamp($13)),
    wait_for_standbys()
from set_config('lock_timeout', $12, true) as lock_timeout (value)
cross join
    lateral upsert_contact(
        case when lock_timeout.value is not null then $1::bigint end,
        $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
    )
where (select pg_current_wal_lsn()) is not null;
