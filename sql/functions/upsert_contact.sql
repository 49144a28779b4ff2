-- Called by queries/upsert_contact, queries/upsert_contact_direct, functions/upsert_contacts and
-- functions/compat/upsert_contact.
-- Each call acts at one instant: it claims every identifier that a contact takes through the unique indexes on live
-- contacts, and it writes or locks every row that the decision rests on in the version that it read. If another call
-- was faster, it decides anew. Calls do not deadlock: a call that waits for a row holds no other row, except for two
-- rows in the order of their ids, and locks on identifiers come before locks on rows. An update that waited and lost
-- keeps the lock on its row; if the next decision is about another row, the whole call starts over.
create or replace function upsert_contact(
    for_company_id bigint,
    by_client_id text,
    sent_email text,
    sent_phone text,
    sent_custom_fields jsonb,
    sent_consent_email boolean,
    sent_consent_whatsapp boolean,
    skip_phone_conflict boolean,
    on_email_conflict text,
    reset_consents boolean,
    sent_digests bytea[],
    out outcome text,
    out contact_id bigint,
    out matched_by text,
    out email_conflict_id bigint,
    out phone_conflict_id bigint,
    out second_phone_conflict_id bigint,
    out previous_email text,
    out suppressed_consents text[]
)
language plpgsql as $$
declare
    max_attempts constant integer := 32;
    target record;
    is_restore boolean;
    own_phone text;
    own_digests bytea [];
    new_email text;
    new_phone text;
    new_custom_fields jsonb;
    new_consent_email boolean;
    new_consent_whatsapp boolean;
    is_held boolean;
    decided record;
    records_email boolean;
    records_whatsapp boolean;
    holder_id bigint;
    locked_rows bigint;
    kept_lock_id bigint;
    written_at timestamptz;
begin
    for attempt in 1..max_attempts loop
        email_conflict_id := null;
        phone_conflict_id := null;
        second_phone_conflict_id := null;
        previous_email := null;
        own_phone := sent_phone;
        own_digests := sent_digests;

        -- 1. Which contact does it mean? One statement, so that live and deleted contacts are seen at one
        -- instant. A deleted contact matches by phone only if no e-mail address speaks against it.
        with live as materialized (
            select
                by_email.id, by_email.xmin as version, by_email.email, by_email.phone,
                by_email.custom_fields, by_email.consent_email, by_email.consent_whatsapp,
                by_email.updated_at, by_email.deleted_at, 'email' as found_by
            from contacts as by_email
            where by_email.company_id = for_company_id
                and by_email.email = sent_email
                and by_email.deleted_at is null
            union all
            select
                by_phone.id, by_phone.xmin, by_phone.email, by_phone.phone,
                by_phone.custom_fields, by_phone.consent_email, by_phone.consent_whatsapp,
                by_phone.updated_at, by_phone.deleted_at, 'phone'
            from contacts as by_phone
            where by_phone.company_id = for_company_id
                and by_phone.phone = sent_phone
                and by_phone.deleted_at is null
        ),
        deleted as (
            (
                select
                    by_email.id, by_email.xmin, by_email.email, by_email.phone,
                    by_email.custom_fields, by_email.consent_email, by_email.consent_whatsapp,
                    by_email.updated_at, by_email.deleted_at, 'email' as found_by
                from contacts as by_email
                where by_email.company_id = for_company_id
                    and by_email.email = sent_email
                    and by_email.deleted_at is not null
                    and not exists (select from live)
                order by by_email.deleted_at desc
                limit 1
            )
            union all
            (
                select
                    by_phone.id, by_phone.xmin, by_phone.email, by_phone.phone,
                    by_phone.custom_fields, by_phone.consent_email, by_phone.consent_whatsapp,
                    by_phone.updated_at, by_phone.deleted_at, 'phone'
                from contacts as by_phone
                where by_phone.company_id = for_company_id
                    and by_phone.phone = sent_phone
                    and by_phone.deleted_at is not null
                    and (by_phone.email is null or sent_email is null)
                    and not exists (select from live)
                order by by_phone.deleted_at desc
                limit 1
            )
        )
        select
            candidate.*,
            (select live.id from live where live.found_by = 'phone') as phone_holder_id
        into target
        from (select live.* from live union all select deleted.* from deleted) as candidate
        order by candidate.deleted_at desc nulls first, candidate.found_by
        limit 1;

        contact_id := target.id;
        matched_by := target.found_by;
        is_restore := target.deleted_at is not null;

        if kept_lock_id is not null
            and (
                contact_id is distinct from kept_lock_id
                or is_restore
                or target.phone_holder_id <> target.id
            )
        then
            perform give_way();
        end if;

        if contact_id is null
            or is_restore
            or sent_email <> coalesce(target.email, '')
            or sent_phone <> coalesce(target.phone, '')
        then
            is_held := share_identifiers(
                for_company_id, sent_email, sent_phone, target.email, target.phone
            );
        end if;

        -- 2. Matched by phone, does the contact have another e-mail address?
        if matched_by = 'phone' and not is_restore and target.email <> sent_email then
            case on_email_conflict
                when 'replace' then
                    previous_email := target.email;
                when 'reject' then
                    outcome := 'email_differs';
                    return;
                else
                    -- The call goes on without its phone, whose holder is locked, so that it
                    -- still holds it when the other contact appears.
                    phone_conflict_id := target.id;
                    own_phone := null;
                    own_digests := sent_digests[1:cardinality(sent_digests) / 2];
                    perform from contacts as holder
                    where holder.company_id = for_company_id
                        and holder.id = target.id
                        and holder.xmin = target.version
                    for no key update;
                    if not found then
                        perform give_way();
                    end if;
                    select
                        by_email.id, by_email.xmin as version, by_email.email, by_email.phone,
                        by_email.custom_fields, by_email.consent_email,
                        by_email.consent_whatsapp, by_email.updated_at, by_email.deleted_at,
                        'email' as found_by, null::bigint as phone_holder_id
                    into target
                    from contacts as by_email
                    where by_email.company_id = for_company_id
                        and by_email.email = sent_email
                        and by_email.deleted_at is not null
                    order by by_email.deleted_at desc
                    limit 1;
                    contact_id := target.id;
                    matched_by := target.found_by;
                    is_restore := target.deleted_at is not null;
            end case;
        end if;
        new_email := coalesce(sent_email, target.email);
        new_phone := coalesce(own_phone, target.phone);

        -- 3. Does an identifier belong to another live contact?
        if target.phone_holder_id <> target.id then
            phone_conflict_id := target.phone_holder_id;
            if not skip_phone_conflict then
                outcome := 'phone_conflict';
                return;
            end if;
            new_phone := target.phone;
        elsif is_restore then
            -- Its stored identifiers may belong to other contacts by now. Those are locked, so that
            -- this is still true when the restored contact appears without the identifier.
            if sent_email is null and target.email is not null then
                email_conflict_id := lock_holder(for_company_id, target.email, null);
                if email_conflict_id is not null then
                    new_email := null;
                end if;
            end if;
            if own_phone is null and target.phone is not null then
                holder_id := lock_holder(for_company_id, null, target.phone);
                if holder_id is not null then
                    new_phone := null;
                    if phone_conflict_id is null then
                        phone_conflict_id := holder_id;
                    elsif phone_conflict_id <> holder_id then
                        second_phone_conflict_id := holder_id;
                    end if;
                end if;
            end if;
        end if;

        -- 4. What would be stored afterwards?
        new_custom_fields := coalesce(target.custom_fields, '{}');
        if sent_custom_fields is not null then
            new_custom_fields := json_merge_patch(new_custom_fields, sent_custom_fields);
            outcome := broken_custom_fields_limit(new_custom_fields);
            if outcome is not null then
                return;
            end if;
        end if;
        new_consent_email := target.consent_email;
        new_consent_whatsapp := target.consent_whatsapp;
        records_email := false;
        records_whatsapp := false;
        suppressed_consents := '{}';
        if (sent_consent_email is not null and sent_consent_email is distinct from new_consent_email)
            or (
                sent_consent_whatsapp is not null
                and sent_consent_whatsapp is distinct from new_consent_whatsapp
            )
            or (new_consent_email is not null and new_email is distinct from target.email)
            or (new_consent_whatsapp is not null and new_phone is distinct from target.phone)
        then
            decided := decide_consents(
                for_company_id, contact_id,
                target.consent_email, sent_consent_email, target.email, new_email,
                target.consent_whatsapp, sent_consent_whatsapp, target.phone, new_phone,
                reset_consents, own_digests
            );
            new_consent_email := decided.email_status;
            records_email := decided.is_email_event;
            new_consent_whatsapp := decided.whatsapp_status;
            records_whatsapp := decided.is_whatsapp_event;
            suppressed_consents := decided.suppressed_consents;
        end if;

        if contact_id is not null
            and not is_restore
            and new_email is not distinct from target.email
            and new_phone is not distinct from target.phone
            and new_custom_fields = target.custom_fields
            and new_consent_email is not distinct from target.consent_email
            and new_consent_whatsapp is not distinct from target.consent_whatsapp
        then
            outcome := 'unchanged';
            return;
        end if;

        -- 5. Write it, if all that was read still holds.
        -- Later than the version before, whatever the clock says: callers tell versions by it.
        written_at := greatest(clock_timestamp(), target.updated_at + interval '1 microsecond');

        if phone_conflict_id is not null and contact_id is not null and not is_restore then
            -- In the order of ids, and never one without the other.
            perform from contacts as involved
            where involved.company_id = for_company_id
                and (
                    (involved.id = target.id and involved.xmin = target.version)
                    or (
                        involved.id = phone_conflict_id
                        and involved.phone = sent_phone
                        and involved.deleted_at is null
                    )
                )
            order by involved.id
            for no key update;
            get diagnostics locked_rows = row_count;
            if locked_rows < 2 then
                perform give_way();
            end if;
        end if;

        if contact_id is null then
            outcome := 'created';
            insert into contacts (
                company_id, email, phone, custom_fields, consent_email, consent_whatsapp,
                created_at, updated_at
            )
            values (
                for_company_id, new_email, new_phone, new_custom_fields,
                new_consent_email, new_consent_whatsapp, written_at, written_at
            )
            on conflict do nothing
            returning id into contact_id;
            continue when contact_id is null;

        elsif is_restore
            or new_email is distinct from target.email
            or new_phone is distinct from target.phone
        then
            outcome := case when is_restore then 'restored' else 'updated' end;
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
                    and contacts.id = target.id
                    and contacts.xmin = target.version;
            exception when unique_violation then
                if is_restore then
                    -- The contact that held a stored identifier may still be locked.
                    perform give_way();
                end if;
                continue;
            end;
            if not found then
                if is_restore then
                    perform give_way();
                end if;
                kept_lock_id := target.id;
                continue;
            end if;

        else
            outcome := 'updated';
            update contacts
            set
                custom_fields = new_custom_fields,
                consent_email = new_consent_email,
                consent_whatsapp = new_consent_whatsapp,
                updated_at = written_at
            where contacts.company_id = for_company_id
                and contacts.id = target.id
                and contacts.xmin = target.version;
            if not found then
                kept_lock_id := target.id;
                continue;
            end if;
        end if;

        -- 6. A contact may have been created and deleted since step 1; it would be the one to
        -- restore. Now that the identifiers are claimed, no further one can appear.
        if outcome in ('created', 'restored') and exists (
            select from contacts as duplicate
            where duplicate.company_id = for_company_id
                and duplicate.email = sent_email
                and duplicate.deleted_at > coalesce(target.deleted_at, '-infinity')
            union all
            select from contacts as duplicate
            where duplicate.company_id = for_company_id
                and duplicate.phone = own_phone
                and (duplicate.email is null or sent_email is null)
                and duplicate.deleted_at > coalesce(target.deleted_at, '-infinity')
        ) then
            raise exception 'a contact to restore appeared meanwhile'
            using errcode = 'serialization_failure';
        end if;

        if records_email then
            perform record_consent(
                for_company_id, contact_id, by_client_id, written_at,
                'email', target.consent_email, new_consent_email, new_email
            );
        end if;
        if records_whatsapp then
            perform record_consent(
                for_company_id, contact_id, by_client_id, written_at,
                'whatsapp', target.consent_whatsapp, new_consent_whatsapp, new_phone
            );
        end if;
        if new_email is distinct from target.email or new_phone is distinct from target.phone then
            perform remember_suppressions(for_company_id, contact_id, own_digests);
        end if;
        if new_custom_fields <> coalesce(target.custom_fields, '{}') then
            perform index_custom_fields(for_company_id, contact_id, new_custom_fields);
        end if;

        return;
    end loop;

    raise exception 'gave way to concurrent changes % times', max_attempts
    using errcode = 'serialization_failure';
end;
$$;
comment on function upsert_contact(
    bigint, text, text, text, jsonb, boolean, boolean, boolean, text, boolean, bytea[]
) is
'Creates, updates or restores one contact. outcome: created, updated, restored, unchanged; or, with '
'nothing written, phone_conflict, email_differs, custom_fields_too_large, too_many_custom_fields. A '
'conflict id beside a written outcome names the live contact that kept the identifier; previous_email '
'is the address that a contact had that was matched by phone. suppressed_consents: channels that were '
'not opted in, because the person was erased after an opt-out. sent_digests: of the e-mail address, '
'then of the phone.';
