-- Called by the triggers audit_events_append_only and consent_events_append_only.
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end;
$$;
comment on function refuse_change() is
'Keeps a table append-only, also against its owner, as long as the trigger stands.';
