-- Called by functions/update_contact and functions/upsert_contact.
create or replace function remember_suppressions(
    for_company_id bigint, of_contact_id bigint, digests bytea[]
) returns void
language plpgsql as $$
begin
    if not exists (select from suppressions where suppressions.company_id = for_company_id) then
        return;
    end if;
    insert into suppressed_contacts (company_id, contact_id, erased_contact_id)
    select distinct for_company_id, of_contact_id, suppressions.erased_contact_id
    from unnest(digests) as identifier (digest)
    inner join suppressions
        on suppressions.company_id = for_company_id
        and suppressions.digest = identifier.digest
    on conflict do nothing;
end;
$$;
comment on function remember_suppressions(bigint, bigint, bytea[]) is
'Ties a contact to the suppressions of the identifiers that it takes.';
