-- Called by functions/erase_contacts and functions/erase_expired_contact.
create or replace function lock_identifiers(of_company_id bigint, identifiers text[])
returns void
language plpgsql as $$
declare
    locks bigint [];
begin
    -- In the order of the locks, like share_identifiers, so that the two do not deadlock.
    locks := array(
        select distinct identifier_lock(of_company_id, involved.identifier) as key
        from unnest(identifiers) as involved (identifier)
        order by key
    );
    for place in 1..cardinality(locks) loop
        perform pg_advisory_xact_lock(locks[place]);
    end loop;
end;
$$;
comment on function lock_identifiers(bigint, text[]) is
'Waits for all writes that take or give up one of these identifiers, and holds up further ones until '
'the end of the transaction.';
