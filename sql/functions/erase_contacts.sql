-- Called by queries/erase_contacts and functions/erase_expired_contact.
--
-- A write that takes or gives up one of the identifiers ended before, or waits until the erasure ends. So
-- either its contact is tied to the suppression, or the write respects the suppression.
create or replace function erase_contacts(
    for_company_id bigint,
    by_actor text,
    target_id bigint,
    all_identifiers text[],
    all_digests bytea[],
    from_client_address text,
    in_request_id text
) returns boolean
language plpgsql as $$
declare
    target contacts;
    duplicate_ids bigint [];
    erased_ids bigint [];
    inherited record;
    person record;
    suppressed_identifiers text [];
begin
    perform lock_identifiers(for_company_id, all_identifiers);

    select contacts.*
    into target
    from contacts
    where contacts.company_id = for_company_id and contacts.id = target_id
    for update;
    if not found then
        return false;
    end if;
    duplicate_ids := duplicates_to_erase(for_company_id, target_id);
    perform from contacts as duplicate
    where duplicate.company_id = for_company_id and duplicate.id = any(duplicate_ids)
    order by duplicate.id
    for update;
    if duplicates_to_erase(for_company_id, target_id) <> duplicate_ids
        or exists (
            select from identifiers_to_erase(for_company_id, target_id) as present (identifier)
            where present.identifier <> all(all_identifiers)
        )
    then
        perform give_way();
    end if;
    erased_ids := target_id || duplicate_ids;

    -- The contact's own status counts; where it has none, an opt-out of a duplicate does, or of
    -- a person erased before.
    inherited := suppressed_channels(for_company_id, target_id, '{}');
    select
        coalesce(
            not target.consent_email,
            inherited.email or bool_or(not duplicate.consent_email),
            false
        ) as is_email_opted_out,
        coalesce(
            not target.consent_whatsapp,
            inherited.whatsapp or bool_or(not duplicate.consent_whatsapp),
            false
        ) as is_whatsapp_opted_out
    into person
    from contacts as duplicate
    where duplicate.company_id = for_company_id and duplicate.id = any(duplicate_ids);

    -- A former address stays opted out for itself, even if the contact opted in with a later one.
    with former as (
        select distinct on (event.channel, event.address)
            event.channel, event.address, event.new_status
        from consent_events as event
        where event.company_id = for_company_id
            and event.contact_id = target_id
            and event.address is not null
            and event.address is distinct from target.email
            and event.address is distinct from target.phone
        order by event.channel asc, event.address asc, event.id desc
    ),
    opted_out as (
        select
            known.identifier, known.digest,
            person.is_email_opted_out or exists (
                select from former
                where former.channel = 'email'
                    and former.address = known.identifier
                    and not former.new_status
            ) as from_email,
            person.is_whatsapp_opted_out or exists (
                select from former
                where former.channel = 'whatsapp'
                    and former.address = known.identifier
                    and not former.new_status
            ) as from_whatsapp
        from unnest(all_identifiers, all_digests) as known (identifier, digest)
    ),
    suppressed as (
        insert into suppressions (
            company_id, digest, erased_contact_id, email_opted_out, whatsapp_opted_out
        )
        select
            for_company_id, opted_out.digest, target_id, opted_out.from_email,
            opted_out.from_whatsapp
        from opted_out
        where opted_out.from_email or opted_out.from_whatsapp
        returning suppressions.digest
    )
    select array_agg(opted_out.identifier)
    into suppressed_identifiers
    from opted_out
    where opted_out.digest in (select suppressed.digest from suppressed);

    -- Other contacts may have an identifier by now; one that was deleted just now is no duplicate.
    insert into suppressed_contacts (company_id, contact_id, erased_contact_id)
    select for_company_id, holder.id, target_id
    from (
        select contacts.id from contacts
        where contacts.company_id = for_company_id
            and contacts.email = any(suppressed_identifiers)
            and contacts.deleted_at is null
        union
        select contacts.id from contacts
        where contacts.company_id = for_company_id
            and contacts.phone = any(suppressed_identifiers)
            and contacts.deleted_at is null
        union
        select contacts.id from contacts
        where contacts.company_id = for_company_id
            and contacts.email = any(suppressed_identifiers)
            and contacts.deleted_at is not null
        union
        select contacts.id from contacts
        where contacts.company_id = for_company_id
            and contacts.phone = any(suppressed_identifiers)
            and contacts.deleted_at is not null
    ) as holder
    where holder.id <> all(erased_ids);

    delete from filterable_values as stored
    where stored.company_id = for_company_id and stored.contact_id = any(erased_ids);
    delete from suppressed_contacts as tie
    where tie.company_id = for_company_id and tie.contact_id = any(erased_ids);
    update consent_events as event
    set address = null
    where event.company_id = for_company_id
        and event.contact_id = any(erased_ids)
        and event.address is not null;
    delete from contacts as erased
    where erased.company_id = for_company_id and erased.id = any(erased_ids);

    insert into audit_events (
        actor, action, company_id, subject, after, client_address, request_id
    )
    values (
        by_actor, 'contact.erase', for_company_id, 'contact:' || target_id,
        jsonb_build_object('erasedTwins', to_jsonb(duplicate_ids)),
        from_client_address, in_request_id
    );
    return true;
end;
$$;
comment on function erase_contacts(bigint, text, bigint, text[], bytea[], text, text) is
'Removes a contact and its duplicates from every table; false: there is no such contact. Consent '
'events keep channel and time. all_identifiers: what identifiers_to_erase returns; all_digests: '
'theirs, under the current suppression key. Raises serialization_failure if others were added '
'meanwhile.';
