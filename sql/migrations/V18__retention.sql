-- Personal data that is kept no longer than it is needed: soft-deleted contacts, and the record.

-- `id > 0` is always true. It keeps the planner from taking this index for the lookups of an upsert:
-- only a statement that says so can use it.
create index contacts_by_deletion on contacts (company_id, deleted_at)
where deleted_at is not null and id > 0;
comment on index contacts_by_deletion is
    'Finds the contacts that have been soft-deleted for longer than privacy.deleted_retention.';

create function refuse_deleting_audit_events() returns trigger language plpgsql as $$
begin
    if current_setting('rubrica.deletes_expired_audit_events', true) is distinct from 'on' then
        raise exception 'audit_events is append-only' using errcode = 'insufficient_privilege';
    end if;
    return null;
end;
$$;
comment on function refuse_deleting_audit_events is
    'Keeps audit events from everybody, the owner too, but for delete_expired_audit_events.';

create or replace trigger audit_events_append_only
before update or truncate on audit_events
for each statement execute function refuse_change();

create trigger audit_events_expire_only
before delete on audit_events
for each statement execute function refuse_deleting_audit_events();

-- Runs as its owner: the role of the service has no right to delete audit events, and gets no more
-- than this. The ids follow time, so that the oldest events are the first ones of the primary key.
create function delete_expired_audit_events(older_than timestamptz, at_most integer)
returns bigint
language plpgsql
security definer
set rubrica.deletes_expired_audit_events = 'on'
as $$
declare
    deleted bigint;
begin
    with oldest as (
        select audit_events.id
        from audit_events
        order by audit_events.id
        limit at_most
    )
    delete from audit_events as expired
    using oldest
    where expired.id = oldest.id
        and expired.occurred_at < least(older_than, clock_timestamp() - interval '30 days');
    get diagnostics deleted = row_count;
    return deleted;
end;
$$;
comment on function delete_expired_audit_events is
    'Deletes audit events that are older than a moment and than 30 days, among so many of the oldest ones. Returns how many.';
revoke all on function delete_expired_audit_events from public;

-- What runs as its owner finds nothing in the schemas of whoever calls it.
do $$
begin
    execute format(
        'alter function delete_expired_audit_events set search_path = %I, pg_temp', current_schema()
    );
end;
$$;
