-- Called by functions/update_contact and functions/upsert_contact.
create or replace function record_consent(
    for_company_id bigint,
    of_contact_id bigint,
    by_client_id text,
    moment timestamptz,
    channel text,
    old_status boolean,
    new_status boolean,
    address text
) returns void
language plpgsql as $$
begin
    insert into consent_events (
        company_id, contact_id, channel, old_status, new_status, address, client_id, occurred_at
    )
    values (
        for_company_id, of_contact_id, channel, old_status, new_status, address, by_client_id, moment
    );
end;
$$;
comment on function record_consent(
    bigint, bigint, text, timestamptz, text, boolean, boolean, text
) is
'Appends a consent event, with the address that the contact has from then on.';
