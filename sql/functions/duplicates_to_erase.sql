-- Called by functions/erase_contacts and functions/identifiers_to_erase.
create or replace function duplicates_to_erase(for_company_id bigint, target_id bigint)
returns bigint[]
language plpgsql stable as $$
declare
    emails text [];
    phones text [];
begin
    select
        array_agg(known.identifier) filter (where known.channel = 'email'),
        array_agg(known.identifier) filter (where known.channel = 'whatsapp')
    into emails, phones
    from known_identifiers(for_company_id, array[target_id]) as known;
    return array(
        select duplicate.id
        from contacts as duplicate
        where duplicate.company_id = for_company_id
            and duplicate.id <> target_id
            and duplicate.deleted_at is not null
            and (duplicate.email = any(emails) or duplicate.phone = any(phones))
        order by duplicate.id
    );
end;
$$;
comment on function duplicates_to_erase(bigint, bigint) is
'The soft-deleted contacts that have an identifier which the target has or had.';
