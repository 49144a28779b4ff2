-- Called by functions/decide_consent and functions/erase_contacts.
--
-- Digest by digest: the planner would plan a lookup of an array anew at each call.
create or replace function suppressed_channels(
    for_company_id bigint,
    of_contact_id bigint,
    digests bytea[],
    out email boolean,
    out whatsapp boolean
)
language plpgsql stable as $$
declare
    identifier_digest bytea;
begin
    email := false;
    whatsapp := false;
    if not exists (select from suppressions where suppressions.company_id = for_company_id) then
        return;
    end if;

    foreach identifier_digest in array digests loop
        select
            email or coalesce(bool_or(suppressions.email_opted_out), false),
            whatsapp or coalesce(bool_or(suppressions.whatsapp_opted_out), false)
        into email, whatsapp
        from suppressions
        where suppressions.company_id = for_company_id
            and suppressions.digest = identifier_digest;
    end loop;

    select
        email or coalesce(bool_or(suppressions.email_opted_out), false),
        whatsapp or coalesce(bool_or(suppressions.whatsapp_opted_out), false)
    into email, whatsapp
    from suppressed_contacts
    inner join suppressions
        on suppressions.company_id = suppressed_contacts.company_id
        and suppressions.erased_contact_id = suppressed_contacts.erased_contact_id
    where suppressed_contacts.company_id = for_company_id
        and suppressed_contacts.contact_id = of_contact_id;
end;
$$;
comment on function suppressed_channels(bigint, bigint, bytea[]) is
'In which channels a contact with these identifiers must not be opted in.';
