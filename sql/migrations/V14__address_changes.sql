-- Changes of address: what a company may choose about them, and how the consent history names the
-- address that a consent is for. On behalf of `store::contact_writes` and `store::group_commit`.

alter table companies
add column email_conflict text not null default 'replace'
constraint companies_email_conflict_check
check (email_conflict in ('replace', 'reject', 'create')),
add column consent_on_address_change text not null default 'keep'
constraint companies_consent_on_address_change_check
check (consent_on_address_change in ('keep', 'reset'));
comment on column companies.email_conflict is
    'What an upsert does when the sent phone leads to a contact with another e-mail address: replace the address, reject the call, or create a contact without the phone.';
comment on column companies.consent_on_address_change is
    'What becomes of an opt-in when the address that it was given for changes: keep it, or reset it to null. An opt-out always stays.';

alter table consent_events alter column new_status drop not null;
comment on column consent_events.new_status is
    'The status from then on. Equal to old_status: the consent now holds for another address. Null: reset, because the address changed.';

create function identifier_lock(of_company_id bigint, identifier text) returns bigint
language sql immutable parallel safe as $$
    select hashtextextended('identifier ' || identifier, of_company_id);
$$;
comment on function identifier_lock is
    'The advisory lock between writes that take or give up an identifier (shared) and the erasure of somebody who had it (exclusive): each sees what the other did.';

-- Assignments and no queries, for each new contact comes by here.
create function share_identifiers(
    of_company_id bigint, email text, phone text, old_email text, old_phone text
) returns boolean
language plpgsql as $$
declare
    email_lock constant bigint := identifier_lock(of_company_id, email);
    phone_lock constant bigint := identifier_lock(of_company_id, phone);
    locks bigint [];
    is_held boolean;
begin
    -- In the order of the locks, like erase_contacts. Of a new contact there is nothing old.
    if old_email is null and old_phone is null then
        is_held := pg_advisory_xact_lock_shared(least(email_lock, phone_lock)) is not null;
        if email_lock <> phone_lock then
            is_held := pg_advisory_xact_lock_shared(greatest(email_lock, phone_lock)) is not null;
        end if;
        return is_held;
    end if;

    locks := array(
        select distinct identifier_lock(of_company_id, involved.identifier) as key
        from unnest(array[email, phone, old_email, old_phone]) as involved (identifier)
        where involved.identifier is not null
        order by key
    );
    for place in 1..cardinality(locks) loop
        is_held := pg_advisory_xact_lock_shared(locks[place]) is not null;
    end loop;
    return is_held;
end;
$$;
comment on function share_identifiers is
    'Holds up erasures of anybody with one of these identifiers until the end of the transaction, and waits for those that are under way.';

create function decide_consent(
    for_company_id bigint,
    of_contact_id bigint,
    of_channel text,
    stored boolean,
    sent boolean,
    old_address text,
    new_address text,
    reset_consents boolean,
    digests bytea [],
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
comment on function decide_consent is
    'The consent for one channel that a write stores; whether that is an event, because the consent or its address changes; and whether an opt-in is left out, because the person was erased after an opt-out.';

create function record_consent(
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
comment on function record_consent is
    'Appends a consent event, with the address that the contact has from then on.';

comment on function record_consent_changes is
    'Used by the functions of the release before, while it is being replaced.';

-- Each call acts at one instant: every identifier that a contact takes is claimed through the unique
-- indexes on live contacts, and every row that the decision rests on is written or locked in the
-- version that was read. Where somebody else was faster, the decision is taken anew.
--
-- Calls do not deadlock: whoever waits for a row holds no other, but for two rows in the order of
-- their ids. An update that waited and lost keeps the lock on its row; should the next decision be
-- about another one, the whole call starts over (serialization_failure, retried by the caller).
-- Locks on identifiers come before those on rows.
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
    on_email_conflict text,
    reset_consents boolean,
    sent_digests bytea [],
    out outcome text,
    out contact_id bigint,
    out matched_by text,
    out email_conflict_id bigint,
    out phone_conflict_id bigint,
    out second_phone_conflict_id bigint,
    out previous_email text,
    out suppressed_consents text []
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
    suppresses_email boolean;
    suppresses_whatsapp boolean;
    holder_id bigint;
    locked_rows bigint;
    kept_lock_id bigint;
    moment timestamptz;
begin
    for attempt in 1..max_attempts loop
        email_conflict_id := null;
        phone_conflict_id := null;
        second_phone_conflict_id := null;
        previous_email := null;
        own_phone := sent_phone;
        own_digests := sent_digests;

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
                        raise exception 'gave way to a concurrent change'
                        using errcode = 'serialization_failure';
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
            if own_phone is null and target.phone is not null then
                select holder.id into holder_id
                from contacts as holder
                where holder.company_id = for_company_id
                    and holder.phone = target.phone
                    and holder.deleted_at is null
                for no key update;
                if found then
                    new_phone := null;
                    if phone_conflict_id is null then
                        phone_conflict_id := holder_id;
                    elsif phone_conflict_id <> holder_id then
                        second_phone_conflict_id := holder_id;
                    end if;
                end if;
            end if;
        end if;

        -- 4. What would stand there afterwards?
        new_custom_fields := coalesce(target.custom_fields, '{}');
        if sent_custom_fields is not null then
            new_custom_fields := json_merge_patch(new_custom_fields, sent_custom_fields);
            outcome := broken_custom_fields_limit(new_custom_fields);
            if outcome is not null then
                return;
            end if;
        end if;
        new_consent_email := target.consent_email;
        records_email := false;
        suppresses_email := false;
        if (sent_consent_email is not null and sent_consent_email is distinct from new_consent_email)
            or (new_consent_email is not null and new_email is distinct from target.email)
        then
            decided := decide_consent(
                for_company_id, contact_id, 'email', target.consent_email, sent_consent_email,
                target.email, new_email, reset_consents, own_digests
            );
            new_consent_email := decided.status;
            records_email := decided.is_event;
            suppresses_email := decided.is_suppressed;
        end if;
        new_consent_whatsapp := target.consent_whatsapp;
        records_whatsapp := false;
        suppresses_whatsapp := false;
        if (
            sent_consent_whatsapp is not null
            and sent_consent_whatsapp is distinct from new_consent_whatsapp
        )
            or (new_consent_whatsapp is not null and new_phone is distinct from target.phone)
        then
            decided := decide_consent(
                for_company_id, contact_id, 'whatsapp', target.consent_whatsapp,
                sent_consent_whatsapp, target.phone, new_phone, reset_consents, own_digests
            );
            new_consent_whatsapp := decided.status;
            records_whatsapp := decided.is_event;
            suppresses_whatsapp := decided.is_suppressed;
        end if;
        suppressed_consents := '{}';
        if suppresses_email then
            suppressed_consents := suppressed_consents || 'email'::text;
        end if;
        if suppresses_whatsapp then
            suppressed_consents := suppressed_consents || 'whatsapp'::text;
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
        moment := greatest(clock_timestamp(), target.updated_at + interval '1 microsecond');

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

        -- 6. A contact may have been created and deleted since step 1; it would be the one to
        -- restore. Now that the identifiers are claimed, no further one can appear.
        if outcome in ('created', 'restored') and exists (
            select from contacts as twin
            where twin.company_id = for_company_id
                and twin.email = sent_email
                and twin.deleted_at > coalesce(target.deleted_at, '-infinity')
            union all
            select from contacts as twin
            where twin.company_id = for_company_id
                and twin.phone = own_phone
                and (twin.email is null or sent_email is null)
                and twin.deleted_at > coalesce(target.deleted_at, '-infinity')
        ) then
            raise exception 'a contact to restore appeared meanwhile'
            using errcode = 'serialization_failure';
        end if;

        if records_email then
            perform record_consent(
                for_company_id, contact_id, by_client_id, moment,
                'email', target.consent_email, new_consent_email, new_email
            );
        end if;
        if records_whatsapp then
            perform record_consent(
                for_company_id, contact_id, by_client_id, moment,
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
comment on function upsert_contact (
    bigint, text, text, text, jsonb, boolean, boolean, boolean, text, boolean, bytea []
) is
    'Creates, updates or restores one contact. outcome: created, updated, restored, unchanged; or, with nothing written, phone_conflict, email_differs, custom_fields_too_large, too_many_custom_fields. A conflict id beside a written outcome names the live contact that kept the identifier; previous_email is the address that a contact had that was matched by phone. suppressed_consents: channels that were not opted in, because the person was erased after an opt-out. sent_digests: of the e-mail address, then of the phone.';

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
    sent_digests bytea [],
    out outcome text,
    out contact_id bigint,
    out matched_by text,
    out email_conflict_id bigint,
    out phone_conflict_id bigint,
    out suppressed_consents text []
)
language sql as $$
    select
        upserted.outcome, upserted.contact_id, upserted.matched_by,
        upserted.email_conflict_id, upserted.phone_conflict_id, upserted.suppressed_consents
    from upsert_contact(
        for_company_id, by_client_id, sent_email, sent_phone, sent_custom_fields,
        sent_consent_email, sent_consent_whatsapp, skip_phone_conflict, 'replace', false,
        sent_digests
    ) as upserted;
$$;
comment on function upsert_contact (
    bigint, text, text, text, jsonb, boolean, boolean, boolean, bytea []
) is
    'As the release before calls it.';

-- Each call acts at one instant, like upsert_contact: what is written is written onto the version
-- that was read, and identifiers are claimed through the unique indexes on live contacts.
create function update_contact(
    for_company_id bigint,
    by_client_id text,
    target_id bigint,
    expected_updated_at timestamptz [],
    phone_only_contacts boolean,
    reset_consents boolean,
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
    is_held boolean;
    decided record;
    records_email boolean;
    records_whatsapp boolean;
    suppresses_email boolean;
    suppresses_whatsapp boolean;
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
        if contact.deleted_at is not null
            or new_email is distinct from contact.email
            or new_phone is distinct from contact.phone
        then
            is_held := share_identifiers(
                for_company_id, new_email, new_phone, contact.email, contact.phone
            );
        end if;

        new_consent_email := contact.consent_email;
        records_email := false;
        suppresses_email := false;
        if (sent_consent_email is not null and sent_consent_email is distinct from new_consent_email)
            or (new_consent_email is not null and new_email is distinct from contact.email)
        then
            decided := decide_consent(
                for_company_id, target_id, 'email', contact.consent_email, sent_consent_email,
                contact.email, new_email, reset_consents, sent_digests
            );
            new_consent_email := decided.status;
            records_email := decided.is_event;
            suppresses_email := decided.is_suppressed;
        end if;
        new_consent_whatsapp := contact.consent_whatsapp;
        records_whatsapp := false;
        suppresses_whatsapp := false;
        if (
            sent_consent_whatsapp is not null
            and sent_consent_whatsapp is distinct from new_consent_whatsapp
        )
            or (new_consent_whatsapp is not null and new_phone is distinct from contact.phone)
        then
            decided := decide_consent(
                for_company_id, target_id, 'whatsapp', contact.consent_whatsapp,
                sent_consent_whatsapp, contact.phone, new_phone, reset_consents, sent_digests
            );
            new_consent_whatsapp := decided.status;
            records_whatsapp := decided.is_event;
            suppresses_whatsapp := decided.is_suppressed;
        end if;
        suppressed_consents := '{}';
        if suppresses_email then
            suppressed_consents := suppressed_consents || 'email'::text;
        end if;
        if suppresses_whatsapp then
            suppressed_consents := suppressed_consents || 'whatsapp'::text;
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

        if records_email then
            perform record_consent(
                for_company_id, target_id, by_client_id, moment,
                'email', (read.contact).consent_email, new_consent_email, new_email
            );
        end if;
        if records_whatsapp then
            perform record_consent(
                for_company_id, target_id, by_client_id, moment,
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
comment on function update_contact (
    bigint, text, bigint, timestamptz [], boolean, boolean, boolean, text, boolean, text, jsonb,
    boolean, boolean, bytea []
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
    sent_digests bytea [],
    out outcome text,
    out conflicting_id bigint,
    out contact contacts,
    out suppressed_consents text []
)
language sql as $$
    select
        updated.outcome, updated.conflicting_id, updated.contact, updated.suppressed_consents
    from update_contact(
        for_company_id, by_client_id, target_id, expected_updated_at, phone_only_contacts, false,
        is_email_sent, sent_email, is_phone_sent, sent_phone, sent_custom_fields,
        sent_consent_email, sent_consent_whatsapp, sent_digests
    ) as updated;
$$;
comment on function update_contact (
    bigint, text, bigint, timestamptz [], boolean, boolean, text, boolean, text, jsonb, boolean,
    boolean, bytea []
) is
    'As the release before calls it.';
