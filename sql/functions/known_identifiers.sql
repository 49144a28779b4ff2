-- Called by functions/duplicates_to_erase and functions/identifiers_to_erase.
create or replace function known_identifiers(for_company_id bigint, of_contact_ids bigint[])
returns table (contact_id bigint, channel text, identifier text)
language sql stable as $$
    select contacts.id, identified.channel, identified.identifier
    from contacts
    cross join lateral (
        values ('email', contacts.email), ('whatsapp', contacts.phone)
    ) as identified (channel, identifier)
    where contacts.company_id = for_company_id
        and contacts.id = any(of_contact_ids)
        and identified.identifier is not null
    union
    select event.contact_id, event.channel, event.address
    from consent_events as event
    where event.company_id = for_company_id
        and event.contact_id = any(of_contact_ids)
        and event.address is not null;
$$;
comment on function known_identifiers(bigint, bigint[]) is
'The identifiers that contacts have, and the former ones that their consent events name.';
