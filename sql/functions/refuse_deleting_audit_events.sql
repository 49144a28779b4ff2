-- Called by the trigger audit_events_expire_only.
create or replace function refuse_deleting_audit_events() returns trigger language plpgsql as $$
begin
    if current_setting('rubrica.deletes_expired_audit_events', true) is distinct from 'on' then
        raise exception 'audit_events is append-only' using errcode = 'insufficient_privilege';
    end if;
    return null;
end;
$$;
comment on function refuse_deleting_audit_events() is
'Keeps every role, the owner included, from deleting audit events, except through delete_expired_audit_events.';
