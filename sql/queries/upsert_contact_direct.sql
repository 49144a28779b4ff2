-- Upserts one contact, as a transaction of its own: one message less than BEGIN and COMMIT around it.
-- So it limits waits for locks by itself ($12, milliseconds), before the call, which depends on it; and
-- after the call it refuses what comes later than $13 (seconds since 1970). A standby refuses it, with 55000,
-- before the call. If it changed nothing, it waits for synchronous standbys as if it had:
-- store::postgres::timeouts says why.
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
    case
        when
            current_setting('synchronous_standby_names') <> ''
            and pg_current_xact_id_if_assigned() is null
            then pg_logical_emit_message(true, 'rubrica', '')
    end
from set_config('lock_timeout', $12, true) as lock_timeout (value)
cross join lateral upsert_contact(
    case when lock_timeout.value is not null then $1::bigint end,
    $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
)
where (select pg_current_wal_lsn()) is not null;
