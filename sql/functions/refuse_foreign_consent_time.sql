-- Called by the trigger consent_events_are_of_now.
create or replace function refuse_foreign_consent_time() returns trigger language plpgsql as $$
begin
    -- The owner may import the history of another system, or restore a copy.
    if pg_has_role(
        current_user, (select relowner from pg_class where pg_class.oid = tg_relid), 'usage'
    ) then
        return new;
    end if;
    if new.occurred_at < statement_timestamp() then
        raise exception 'a consent event cannot be dated back'
        using errcode = 'insufficient_privilege';
    end if;
    -- A contact that was written by a server whose clock was ahead has versions of the future. Its
    -- consent must not wait for them, and was given now.
    new.occurred_at := clock_timestamp();
    return new;
end;
$$;
comment on function refuse_foreign_consent_time() is
'Keeps all roles except the owner from dating consent events back or ahead.';
