-- Called by functions/lock_identifiers, functions/share_identifiers and functions/upsert_contacts.
create or replace function identifier_lock(of_company_id bigint, identifier text) returns bigint
language sql immutable parallel safe as $$
    select hashtextextended('identifier ' || identifier, of_company_id);
$$;
comment on function identifier_lock(bigint, text) is
'The advisory lock between writes that take or give up an identifier (shared) and the erasure of a '
'person who had it (exclusive): each sees what the other did.';
