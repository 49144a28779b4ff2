-- Called by functions/decide_consents.
create or replace function decide_consent(
    for_company_id bigint,
    of_contact_id bigint,
    of_channel text,
    stored boolean,
    sent boolean,
    old_address text,
    new_address text,
    reset_consents boolean,
    digests bytea[],
    out status boolean,
    out is_event boolean,
    out is_suppressed boolean
)
language plpgsql as $$
declare
    former_address text := old_address;
    is_change boolean;
    suppressed record;
begin
    -- An address that is set for the first time changes none; one that follows a removed one does.
    if old_address is null and new_address is not null and stored is not null then
        select event.address
        into former_address
        from consent_events as event
        where event.company_id = for_company_id
            and event.contact_id = of_contact_id
            and event.channel = of_channel
        order by event.id desc
        limit 1;
    end if;
    is_change := former_address is not null and new_address is distinct from former_address;

    status := coalesce(
        sent, case when is_change and reset_consents then nullif(stored, true) else stored end
    );
    -- A consent that moves to another address opts that address in.
    is_suppressed := false;
    if status
        and (
            stored is not true
            or (new_address is not null and new_address is distinct from old_address)
        )
    then
        suppressed := suppressed_channels(for_company_id, of_contact_id, digests);
        is_suppressed := case of_channel
            when 'email' then suppressed.email else suppressed.whatsapp
        end;
        if is_suppressed then
            status := nullif(stored, true);
        end if;
    end if;

    is_event := status is distinct from stored
        or (is_change and new_address is not null and stored is not null);
end;
$$;
comment on function decide_consent(
    bigint, bigint, text, boolean, boolean, text, text, boolean, bytea[]
) is
'The consent for one channel that a write stores; whether that is an event, because the consent or '
'its address changes; and whether an opt-in is left out, because the person was erased after an '
'opt-out.';
