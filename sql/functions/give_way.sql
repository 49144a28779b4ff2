-- Called by functions/erase_contacts, functions/upsert_contact and functions/upsert_contacts.
create or replace function give_way() returns void
language plpgsql as $$
begin
    raise exception 'gave way to a concurrent change' using errcode = 'serialization_failure';
end;
$$;
comment on function give_way() is
'Fails with serialization_failure: the caller makes the whole call again.';
