-- Called by queries/update_contact and functions/compat/update_contact.
--
-- Each call acts at one instant, like upsert_contact: it writes onto the version that it read, and claims
-- identifiers through the unique indexes on live contacts.
create or replace function update_contact(
    for_company_id bigint,
    by_client_id text,
    target_id bigint,
    expected_updated_at timestamptz[],
    phone_only_contacts boolean,
    reset_consents boolean,
    is_email_sent boolean,
    sent_email text,
    is_phone_sent boolean,
    sent_phone text,
    sent_custom_fields jsonb,
    sent_consent_email boolean,
    sent_consent_whatsapp boolean,
    sent_digests bytea[],
    out outcome text,
    out conflicting_id bigint,
    out contact contacts,
    out suppressed_consents text[]
)
language plpgsql as $$
declare
    max_attempts constant integer := 32;
    read record;
    new_email text;
    new_phone text;
    new_custom_fields jsonb;
    new_consent_email boolean;
    new_consent_whatsapp boolean;
    is_held boolean;
    decided record;
    records_email boolean;
    records_whatsapp boolean;
    written_at timestamptz;
begin
    for attempt in 1..max_attempts loop
        select contacts.xmin as version, contacts as contact
        into read
        from contacts
        where contacts.company_id = for_company_id and contacts.id = target_id;

        if not found then
            outcome := 'not_found';
            return;
        end if;
        contact := read.contact;
        if contact.updated_at <> all (expected_updated_at) then
            outcome := 'precondition_failed';
            return;
        end if;

        new_email := case when is_email_sent then sent_email else contact.email end;
        new_phone := case when is_phone_sent then sent_phone else contact.phone end;
        if new_email is null and new_phone is null then
            outcome := case when is_email_sent then 'email_required' else 'phone_required' end;
            return;
        end if;
        -- A company that takes no phone-only contacts may still have some from before.
        if is_email_sent and sent_email is null and not phone_only_contacts then
            outcome := 'email_required';
            return;
        end if;

        new_custom_fields := contact.custom_fields;
        if sent_custom_fields is not null then
            new_custom_fields := json_merge_patch(new_custom_fields, sent_custom_fields);
            outcome := broken_custom_fields_limit(new_custom_fields);
            if outcome is not null then
                return;
            end if;
        end if;
        if contact.deleted_at is not null
            or new_email is distinct from contact.email
            or new_phone is distinct from contact.phone
        then
            is_held := share_identifiers(
                for_company_id, new_email, new_phone, contact.email, contact.phone
            );
        end if;

        new_consent_email := contact.consent_email;
        new_consent_whatsapp := contact.consent_whatsapp;
        records_email := false;
        records_whatsapp := false;
        suppressed_consents := '{}';
        if (sent_consent_email is not null and sent_consent_email is distinct from new_consent_email)
            or (
                sent_consent_whatsapp is not null
                and sent_consent_whatsapp is distinct from new_consent_whatsapp
            )
            or (new_consent_email is not null and new_email is distinct from contact.email)
            or (new_consent_whatsapp is not null and new_phone is distinct from contact.phone)
        then
            decided := decide_consents(
                for_company_id, target_id,
                contact.consent_email, sent_consent_email, contact.email, new_email,
                contact.consent_whatsapp, sent_consent_whatsapp, contact.phone, new_phone,
                reset_consents, sent_digests
            );
            new_consent_email := decided.email_status;
            records_email := decided.is_email_event;
            new_consent_whatsapp := decided.whatsapp_status;
            records_whatsapp := decided.is_whatsapp_event;
            suppressed_consents := decided.suppressed_consents;
        end if;

        if contact.deleted_at is null
            and new_email is not distinct from contact.email
            and new_phone is not distinct from contact.phone
            and new_custom_fields = contact.custom_fields
            and new_consent_email is not distinct from contact.consent_email
            and new_consent_whatsapp is not distinct from contact.consent_whatsapp
        then
            outcome := 'unchanged';
            return;
        end if;

        -- Later than the version before, whatever the clock says: callers tell versions by it.
        written_at := greatest(clock_timestamp(), contact.updated_at + interval '1 microsecond');
        outcome := case when contact.deleted_at is null then 'updated' else 'restored' end;
        begin
            update contacts
            set
                email = new_email,
                phone = new_phone,
                custom_fields = new_custom_fields,
                consent_email = new_consent_email,
                consent_whatsapp = new_consent_whatsapp,
                updated_at = written_at,
                deleted_at = null
            where contacts.company_id = for_company_id
                and contacts.id = target_id
                and contacts.xmin = read.version
            returning contacts.* into contact;
        exception when unique_violation then
            -- Which contact holds it? If none does any more, the next attempt gets it.
            select
                case when holder.email = new_email then 'email_conflict' else 'phone_conflict' end,
                holder.id
            into outcome, conflicting_id
            from contacts as holder
            where holder.company_id = for_company_id
                and holder.deleted_at is null
                and holder.id <> target_id
                and (holder.email = new_email or holder.phone = new_phone)
            order by (holder.email = new_email) is true desc
            limit 1;
            if found then
                return;
            end if;
            continue;
        end;
        continue when not found;

        if records_email then
            perform record_consent(
                for_company_id, target_id, by_client_id, written_at,
                'email', (read.contact).consent_email, new_consent_email, new_email
            );
        end if;
        if records_whatsapp then
            perform record_consent(
                for_company_id, target_id, by_client_id, written_at,
                'whatsapp', (read.contact).consent_whatsapp, new_consent_whatsapp, new_phone
            );
        end if;
        if new_email is distinct from (read.contact).email
            or new_phone is distinct from (read.contact).phone
        then
            perform remember_suppressions(for_company_id, target_id, sent_digests);
        end if;
        if new_custom_fields <> (read.contact).custom_fields then
            perform index_custom_fields(for_company_id, target_id, new_custom_fields);
        end if;
        return;
    end loop;

    raise exception 'gave way to concurrent changes % times', max_attempts
    using errcode = 'serialization_failure';
end;
$$;
comment on function update_contact(
    bigint, text, bigint, timestamptz[], boolean, boolean, boolean, text, boolean, text, jsonb,
    boolean, boolean, bytea[]
) is
'Changes or restores the contact with this id, and returns it as it is then. outcome: updated, '
'restored, unchanged; or, with nothing written, not_found, precondition_failed, email_required, '
'phone_required, email_conflict, phone_conflict (held by conflicting_id), custom_fields_too_large, '
'too_many_custom_fields. suppressed_consents: as upsert_contact.';
