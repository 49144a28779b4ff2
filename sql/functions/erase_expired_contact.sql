-- Called by queries/erase_expired_contact.
--
-- Does what erase_contacts does, if the contact is still deleted once nobody can restore it any more: a
-- write that takes one of its identifiers waits for these locks, which erase_contacts takes in the same order.
create or replace function erase_expired_contact(
    for_company_id bigint,
    target_id bigint,
    deleted_before timestamptz,
    all_identifiers text[],
    all_digests bytea[]
) returns boolean
language plpgsql as $$
begin
    perform lock_identifiers(for_company_id, all_identifiers);

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
comment on function erase_expired_contact(bigint, bigint, timestamptz, text[], bytea[]) is
'Erases a contact, and its duplicates, as erase_contacts does, if it was soft-deleted before a '
'timestamp and not restored since.';
