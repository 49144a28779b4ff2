-- Called by queries/find_identifiers_to_erase and functions/erase_contacts.
create or replace function identifiers_to_erase(for_company_id bigint, target_id bigint)
returns setof text
language sql stable as $$
    select distinct known.identifier
    from known_identifiers(
        for_company_id, target_id || duplicates_to_erase(for_company_id, target_id)
    ) as known;
$$;
comment on function identifiers_to_erase(bigint, bigint) is
'All identifiers of a contact and its duplicates; none: there is no such contact.';
