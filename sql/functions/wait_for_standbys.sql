-- Called by queries/upsert_contact_direct, `store::postgres::attempt` and `store::postgres::transaction`.
--
-- A commit without WAL does not wait for synchronous standbys. Yet a response promises that what it reports is
-- durable, and the transaction may have read a change that no standby has received yet. So a transaction that
-- wrote nothing emits a message into the WAL, which makes its commit wait.
--
-- In SQL and without a `set` clause, so that Postgres inlines it: a call costs nothing. `volatile`, so that it is
-- evaluated after the write before it.
create or replace function wait_for_standbys() returns pg_lsn
language sql volatile as $$
    select
        case
            when
                current_setting('synchronous_standby_names') <> ''
                and pg_current_xact_id_if_assigned() is null
                then pg_logical_emit_message(true, 'rubrica', '')
        end
$$;
comment on function wait_for_standbys() is
'Makes the commit of a transaction that wrote nothing wait for the synchronous standbys, if there are any. '
'Called at the end of a transaction.';
