-- Called by the trigger consent_events_only_forget.
create or replace function refuse_rewriting_of_consent() returns trigger language plpgsql as $$
begin
    old.address := null;
    if new is distinct from old then
        raise exception 'only the address of a consent event can be erased'
        using errcode = 'insufficient_privilege';
    end if;
    return new;
end;
$$;
comment on function refuse_rewriting_of_consent() is
'Keeps consent events as they are, except for an address that is erased.';
