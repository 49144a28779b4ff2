-- The functions that write contacts, on behalf of `store::contact_writes`: as in V2 and V3, and they
-- heed suppressions and keep filterable values up to date. sent_digests are those of the sent
-- identifiers, under each of the deployment's suppression keys.

-- In PL/pgSQL, which keeps its plans: the function in SQL was planned at each call.
create or replace function broken_custom_fields_limit(custom_fields jsonb) returns text
language plpgsql immutable strict parallel safe as $$
declare
    size constant integer := octet_length(custom_fields::text);
begin
    if size > 65536 then
        return 'custom_fields_too_large';
    end if;
    -- A member takes 8 bytes or more, such as `"a": 1, `: most objects need no counting.
    if size > 250 * 8 and (select count(*) from jsonb_object_keys(custom_fields)) > 250 then
        return 'too_many_custom_fields';
    end if;
    return null;
end;
$$;

-- Each call acts at one instant: every identifier that a contact takes is claimed through the unique
-- indexes on live contacts, and every row that the decision rests on is written or locked in the
-- version that was read. Where somebody else was faster, the decision is taken anew.
--
-- Calls do not deadlock: whoever waits for a row holds no other, but for two rows in the order of
-- their ids. An update that waited and lost keeps the lock on its row; should the next decision be
-- about another one, the whole call starts over (serialization_failure, retried by the caller).
--
-- A conflict and a broken limit are results, not exceptions; then nothing has been written.
create function upsert_contact(
    for_company_id bigint,
    by_client_id text,
    sent_email text,
    sent_phone text,
    sent_custom_fields jsonb,
    sent_consent_email boolean,
    sent_consent_whatsapp boolean,
    skip_phone_conflict boolean,
    sent_digests bytea [],
    out outcome text,
    out contact_id bigint,
    out matched_by text,
    out email_conflict_id bigint,
    out phone_conflict_id bigint,
    out suppressed_consents text []
)
language plpgsql as $$
declare
    max_attempts constant integer := 32;
    target record;
    is_restore boolean;
    new_email text;
    new_phone text;
    new_custom_fields jsonb;
    new_consent_email boolean;
    new_consent_whatsapp boolean;
    suppressed record;
    locked_rows bigint;
    kept_lock_id bigint;
    moment timestamptz;
begin
    for attempt in 1..max_attempts loop
        email_conflict_id := null;
        phone_conflict_id := null;

        -- 1. Whom does it mean? One statement, so that live and deleted contacts are seen at one
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
        new_email := coalesce(sent_email, target.email);
        new_phone := coalesce(sent_phone, target.phone);

        if kept_lock_id is not null
            and (
                contact_id is distinct from kept_lock_id
                or is_restore
                or target.phone_holder_id <> target.id
            )
        then
            raise exception 'gave way to a concurrent change'
            using errcode = 'serialization_failure';
        end if;

        -- 2. Does an identifier belong to another live contact?
        if target.phone_holder_id <> target.id then
            phone_conflict_id := target.phone_holder_id;
            if not skip_phone_conflict then
                outcome := 'phone_conflict';
                return;
            end if;
            new_phone := target.phone;
        elsif is_restore then
            -- Its stored identifiers may have passed to somebody else; whoever holds one is
            -- locked, so that this is still true when the restored contact appears without it.
            if sent_email is null and target.email is not null then
                select holder.id into email_conflict_id
                from contacts as holder
                where holder.company_id = for_company_id
                    and holder.email = target.email
                    and holder.deleted_at is null
                for no key update;
                if found then
                    new_email := null;
                end if;
            end if;
            if sent_phone is null and target.phone is not null then
                select holder.id into phone_conflict_id
                from contacts as holder
                where holder.company_id = for_company_id
                    and holder.phone = target.phone
                    and holder.deleted_at is null
                for no key update;
                if found then
                    new_phone := null;
                end if;
            end if;
        end if;

        -- 3. What would stand there afterwards?
        new_custom_fields := coalesce(target.custom_fields, '{}');
        if sent_custom_fields is not null then
            new_custom_fields := json_merge_patch(new_custom_fields, sent_custom_fields);
            outcome := broken_custom_fields_limit(new_custom_fields);
            if outcome is not null then
                return;
            end if;
        end if;
        new_consent_email := coalesce(sent_consent_email, target.consent_email);
        new_consent_whatsapp := coalesce(sent_consent_whatsapp, target.consent_whatsapp);
        suppressed_consents := '{}';
        if (sent_consent_email and target.consent_email is not true)
            or (sent_consent_whatsapp and target.consent_whatsapp is not true)
        then
            suppressed := suppressed_channels(for_company_id, contact_id, sent_digests);
            if suppressed.email and sent_consent_email and target.consent_email is not true then
                new_consent_email := target.consent_email;
                suppressed_consents := suppressed_consents || 'email'::text;
            end if;
            if suppressed.whatsapp
                and sent_consent_whatsapp
                and target.consent_whatsapp is not true
            then
                new_consent_whatsapp := target.consent_whatsapp;
                suppressed_consents := suppressed_consents || 'whatsapp'::text;
            end if;
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

        -- 4. Write it, if all that was read still holds.
        -- Later than the version before, whatever the clock says: callers tell versions by it.
        moment := greatest(clock_timestamp(), target.updated_at + interval '1 microsecond');

        if phone_conflict_id is not null and not is_restore then
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
                raise exception 'gave way to a concurrent change'
                using errcode = 'serialization_failure';
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
                new_consent_email, new_consent_whatsapp, moment, moment
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
                    updated_at = moment,
                    deleted_at = null
                where contacts.company_id = for_company_id
                    and contacts.id = target.id
                    and contacts.xmin = target.version;
            exception when unique_violation then
                if is_restore then
                    -- Who held a stored identifier may still be locked.
                    raise exception 'gave way to a concurrent change'
                    using errcode = 'serialization_failure';
                end if;
                continue;
            end;
            if not found then
                if is_restore then
                    raise exception 'gave way to a concurrent change'
                    using errcode = 'serialization_failure';
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
                updated_at = moment
            where contacts.company_id = for_company_id
                and contacts.id = target.id
                and contacts.xmin = target.version;
            if not found then
                kept_lock_id := target.id;
                continue;
            end if;
        end if;

        -- 5. A contact may have been created and deleted since step 1; it would be the one to
        -- restore. Now that the identifiers are claimed, no further one can appear.
        if outcome in ('created', 'restored') and exists (
            select from contacts as twin
            where twin.company_id = for_company_id
                and twin.email = sent_email
                and twin.deleted_at > coalesce(target.deleted_at, '-infinity')
            union all
            select from contacts as twin
            where twin.company_id = for_company_id
                and twin.phone = sent_phone
                and (twin.email is null or sent_email is null)
                and twin.deleted_at > coalesce(target.deleted_at, '-infinity')
        ) then
            raise exception 'a contact to restore appeared meanwhile'
            using errcode = 'serialization_failure';
        end if;

        perform record_consent_changes(
            for_company_id, contact_id, by_client_id, moment,
            target.consent_email, new_consent_email, new_email,
            target.consent_whatsapp, new_consent_whatsapp, new_phone
        );
        if new_email is distinct from target.email or new_phone is distinct from target.phone then
            perform remember_suppressions(for_company_id, contact_id, sent_digests);
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
comment on function upsert_contact (
    bigint, text, text, text, jsonb, boolean, boolean, boolean, bytea []
) is
    'Creates, updates or restores one contact. outcome: created, updated, restored, unchanged; or, with nothing written, phone_conflict, custom_fields_too_large, too_many_custom_fields. A conflict id beside a written outcome names the live contact that kept the identifier. suppressed_consents: channels that were not opted in, because the person was erased after an opt-out.';

-- The release before calls it like this, while it is being replaced.
create or replace function upsert_contact(
    for_company_id bigint,
    by_client_id text,
    sent_email text,
    sent_phone text,
    sent_custom_fields jsonb,
    sent_consent_email boolean,
    sent_consent_whatsapp boolean,
    skip_phone_conflict boolean,
    out outcome text,
    out contact_id bigint,
    out matched_by text,
    out email_conflict_id bigint,
    out phone_conflict_id bigint
)
language sql as $$
    select
        upserted.outcome, upserted.contact_id, upserted.matched_by,
        upserted.email_conflict_id, upserted.phone_conflict_id
    from upsert_contact(
        for_company_id, by_client_id, sent_email, sent_phone, sent_custom_fields,
        sent_consent_email, sent_consent_whatsapp, skip_phone_conflict, '{}'
    ) as upserted;
$$;

-- Each call acts at one instant, like upsert_contact: what is written is written onto the version
-- that was read, and identifiers are claimed through the unique indexes on live contacts.
create function update_contact(
    for_company_id bigint,
    by_client_id text,
    target_id bigint,
    expected_updated_at timestamptz [],
    phone_only_contacts boolean,
    is_email_sent boolean,
    sent_email text,
    is_phone_sent boolean,
    sent_phone text,
    sent_custom_fields jsonb,
    sent_consent_email boolean,
    sent_consent_whatsapp boolean,
    sent_digests bytea [],
    out outcome text,
    out conflicting_id bigint,
    out contact contacts,
    out suppressed_consents text []
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
    suppressed record;
    moment timestamptz;
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
        new_consent_email := coalesce(sent_consent_email, contact.consent_email);
        new_consent_whatsapp := coalesce(sent_consent_whatsapp, contact.consent_whatsapp);
        suppressed_consents := '{}';
        if (sent_consent_email and contact.consent_email is not true)
            or (sent_consent_whatsapp and contact.consent_whatsapp is not true)
        then
            suppressed := suppressed_channels(for_company_id, target_id, sent_digests);
            if suppressed.email and sent_consent_email and contact.consent_email is not true then
                new_consent_email := contact.consent_email;
                suppressed_consents := suppressed_consents || 'email'::text;
            end if;
            if suppressed.whatsapp
                and sent_consent_whatsapp
                and contact.consent_whatsapp is not true
            then
                new_consent_whatsapp := contact.consent_whatsapp;
                suppressed_consents := suppressed_consents || 'whatsapp'::text;
            end if;
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
        moment := greatest(clock_timestamp(), contact.updated_at + interval '1 microsecond');
        outcome := case when contact.deleted_at is null then 'updated' else 'restored' end;
        begin
            update contacts
            set
                email = new_email,
                phone = new_phone,
                custom_fields = new_custom_fields,
                consent_email = new_consent_email,
                consent_whatsapp = new_consent_whatsapp,
                updated_at = moment,
                deleted_at = null
            where contacts.company_id = for_company_id
                and contacts.id = target_id
                and contacts.xmin = read.version
            returning contacts.* into contact;
        exception when unique_violation then
            -- Who holds it? If nobody does any more, the next attempt gets it.
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

        perform record_consent_changes(
            for_company_id, target_id, by_client_id, moment,
            (read.contact).consent_email, new_consent_email, new_email,
            (read.contact).consent_whatsapp, new_consent_whatsapp, new_phone
        );
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
comment on function update_contact (
    bigint, text, bigint, timestamptz [], boolean, boolean, text, boolean, text, jsonb, boolean,
    boolean, bytea []
) is
    'Changes or restores the contact with this id, and returns it as it is then. outcome: updated, restored, unchanged; or, with nothing written, not_found, precondition_failed, email_required, phone_required, email_conflict, phone_conflict (held by conflicting_id), custom_fields_too_large, too_many_custom_fields. suppressed_consents: as upsert_contact.';

-- The release before calls it like this, while it is being replaced.
create or replace function update_contact(
    for_company_id bigint,
    by_client_id text,
    target_id bigint,
    expected_updated_at timestamptz [],
    phone_only_contacts boolean,
    is_email_sent boolean,
    sent_email text,
    is_phone_sent boolean,
    sent_phone text,
    sent_custom_fields jsonb,
    sent_consent_email boolean,
    sent_consent_whatsapp boolean,
    out outcome text,
    out conflicting_id bigint,
    out contact contacts
)
language sql as $$
    select updated.outcome, updated.conflicting_id, updated.contact
    from update_contact(
        for_company_id, by_client_id, target_id, expected_updated_at, phone_only_contacts,
        is_email_sent, sent_email, is_phone_sent, sent_phone, sent_custom_fields,
        sent_consent_email, sent_consent_whatsapp, '{}'
    ) as updated;
$$;
