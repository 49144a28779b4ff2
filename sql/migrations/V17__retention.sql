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
comment on function delete_expired_audit_events is
    'Deletes audit events that are older than a moment and than 30 days, among so many of the oldest ones, and records how many, which it returns.';
revoke all on function delete_expired_audit_events from public;

-- What runs as its owner finds nothing in the schemas of whoever calls it.
do $$
begin
    execute format(
        'alter function delete_expired_audit_events set search_path = %I, pg_temp', current_schema()
    );
end;
$$;

-- What erase_contacts does, if the contact is still deleted once nobody can restore it any more: whoever
-- takes one of its identifiers waits for these locks, which erase_contacts takes in the same order.
create function erase_expired_contact(
    for_company_id bigint,
    target_id bigint,
    deleted_before timestamptz,
    all_identifiers text [],
    all_digests bytea []
) returns boolean
language plpgsql as $$
declare
    identifier_locks bigint [];
begin
    identifier_locks := array(
        select distinct identifier_lock(for_company_id, known.identifier) as key
        from unnest(all_identifiers) as known (identifier)
        order by key
    );
    for place in 1..cardinality(identifier_locks) loop
        perform pg_advisory_xact_lock(identifier_locks[place]);
    end loop;

    perform from contacts
    where contacts.company_id = for_company_id
        and contacts.id = target_id
        and contacts.deleted_at < deleted_before
    for update;
    if not found then
        return false;
    end if;
    return erase_contacts(
        for_company_id, 'service', target_id, all_identifiers, all_digests, null, null
    );
end;
$$;
comment on function erase_expired_contact is
    'Erases a contact, and its duplicates, as erase_contacts does, if it was soft-deleted before a moment and not restored since.';
