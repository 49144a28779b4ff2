-- Called by queries/delete_expired_audit_events.
--
-- Runs as its owner: the role of the service has no right to delete audit events, and gets no other right
-- than this. The ids follow time, so that the oldest events are the first ones of the primary key.
create or replace function delete_expired_audit_events(older_than timestamptz, at_most integer)
returns bigint
language plpgsql
security definer
as $$
declare
    deleted bigint;
begin
    perform set_config('rubrica.deletes_expired_audit_events', 'on', true);
    -- By an array: a join could read the whole table.
    delete from audit_events as expired
    where expired.id = any(array(
        select oldest.id
        from (
            select audit_events.id, audit_events.occurred_at
            from audit_events
            order by audit_events.id
            limit at_most
        ) as oldest
        where oldest.occurred_at < least(older_than, clock_timestamp() - interval '30 days')
    ));
    get diagnostics deleted = row_count;
    perform set_config('rubrica.deletes_expired_audit_events', 'off', true);
    if deleted > 0 then
        insert into audit_events (actor, action, subject, after)
        values (
            'service', 'audit.expire', 'audit',
            jsonb_build_object('deletedEvents', deleted, 'olderThan', older_than)
        );
    end if;
    return deleted;
end;
$$;
comment on function delete_expired_audit_events(timestamptz, integer) is
'Deletes audit events that are older than a timestamp and than 30 days, among at most at_most of the '
'oldest ones. Records how many it deleted, and returns that number.';

revoke all on function delete_expired_audit_events from public;

-- A function that runs as its owner must find nothing in the schemas of its caller.
do $$
begin
    execute format(
        'alter function delete_expired_audit_events set search_path = %I, pg_temp', current_schema()
    );
end;
$$;
