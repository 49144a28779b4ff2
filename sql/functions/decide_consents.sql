-- Called by functions/update_contact and functions/upsert_contact.
create or replace function decide_consents(
    for_company_id bigint,
    of_contact_id bigint,
    stored_email boolean,
    sent_email boolean,
    old_email text,
    new_email text,
    stored_whatsapp boolean,
    sent_whatsapp boolean,
    old_phone text,
    new_phone text,
    reset_consents boolean,
    digests bytea[],
    out email_status boolean,
    out is_email_event boolean,
    out whatsapp_status boolean,
    out is_whatsapp_event boolean,
    out suppressed_consents text[]
)
language plpgsql as $$
declare
    decided record;
begin
    suppressed_consents := '{}';

    email_status := stored_email;
    is_email_event := false;
    if (sent_email is not null and sent_email is distinct from stored_email)
        or (stored_email is not null and new_email is distinct from old_email)
    then
        decided := decide_consent(
            for_company_id, of_contact_id, 'email', stored_email, sent_email,
            old_email, new_email, reset_consents, digests
        );
        email_status := decided.status;
        is_email_event := decided.is_event;
        if decided.is_suppressed then
            suppressed_consents := suppressed_consents || 'email'::text;
        end if;
    end if;

    whatsapp_status := stored_whatsapp;
    is_whatsapp_event := false;
    if (sent_whatsapp is not null and sent_whatsapp is distinct from stored_whatsapp)
        or (stored_whatsapp is not null and new_phone is distinct from old_phone)
    then
        decided := decide_consent(
            for_company_id, of_contact_id, 'whatsapp', stored_whatsapp, sent_whatsapp,
            old_phone, new_phone, reset_consents, digests
        );
        whatsapp_status := decided.status;
        is_whatsapp_event := decided.is_event;
        if decided.is_suppressed then
            suppressed_consents := suppressed_consents || 'whatsapp'::text;
        end if;
    end if;
end;
$$;
comment on function decide_consents(
    bigint, bigint, boolean, boolean, text, text, boolean, boolean, text, text, boolean, bytea[]
) is
'decide_consent of both channels, and the channels in which an opt-in is left out.';
