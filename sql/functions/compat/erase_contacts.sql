-- Kept for release 0.2.0, which calls it like this. Dropped in release 0.4.0.
create or replace function erase_contacts(
    for_company_id bigint,
    by_client_id text,
    target_id bigint,
    twin_ids bigint[],
    target_email text,
    target_phone text,
    digests bytea[],
    email_opted_out boolean,
    whatsapp_opted_out boolean
) returns void
language plpgsql as $$
declare
    erased_ids constant bigint [] := target_id || twin_ids;
begin
    if email_opted_out or whatsapp_opted_out then
        insert into suppressions (
            company_id, digest, erased_contact_id, email_opted_out, whatsapp_opted_out
        )
        select distinct
            for_company_id, identifier.digest, target_id,
            erase_contacts.email_opted_out, erase_contacts.whatsapp_opted_out
        from unnest(digests) as identifier (digest);

        -- A deleted contact was erased, and a live one has its identifiers by now.
        insert into suppressed_contacts (company_id, contact_id, erased_contact_id)
        select for_company_id, holder.id, target_id
        from contacts as holder
        where holder.company_id = for_company_id
            and holder.deleted_at is null
            and holder.id <> target_id
            and (holder.email = target_email or holder.phone = target_phone);
    end if;

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

    insert into audit_events (actor, action, company_id, subject, after)
    values (
        'key:' || by_client_id, 'contact.erase', for_company_id, 'contact:' || target_id,
        jsonb_build_object('erasedTwins', to_jsonb(twin_ids))
    );
end;
$$;
comment on function erase_contacts(
    bigint, text, bigint, bigint[], text, text, bytea[], boolean, boolean
) is
'As release 0.2.0 calls it.';
