-- Kept for calls of functions of release 0.2.0 that run while `rubrica migrate` replaces them. Dropped in
-- release 0.4.0.
create or replace function record_consent_changes(
    for_company_id bigint,
    of_contact_id bigint,
    by_client_id text,
    moment timestamptz,
    old_consent_email boolean,
    new_consent_email boolean,
    email text,
    old_consent_whatsapp boolean,
    new_consent_whatsapp boolean,
    phone text
) returns void
language plpgsql as $$
begin
    if new_consent_email is distinct from old_consent_email then
        insert into consent_events (
            company_id, contact_id, channel, old_status, new_status, address, client_id, occurred_at
        )
        values (
            for_company_id, of_contact_id, 'email', old_consent_email, new_consent_email, email,
            by_client_id, moment
        );
    end if;
    if new_consent_whatsapp is distinct from old_consent_whatsapp then
        insert into consent_events (
            company_id, contact_id, channel, old_status, new_status, address, client_id, occurred_at
        )
        values (
            for_company_id, of_contact_id, 'whatsapp', old_consent_whatsapp, new_consent_whatsapp,
            phone, by_client_id, moment
        );
    end if;
end;
$$;
comment on function record_consent_changes(
    bigint, bigint, text, timestamptz, boolean, boolean, text, boolean, boolean, text
) is
'Called by functions of release 0.2.0 while they are replaced.';
