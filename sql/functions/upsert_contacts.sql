-- Called by queries/upsert_contacts and functions/compat/upsert_contacts.
--
-- A call belongs to the set if nothing about it needs a second look: it changes a live contact and none of its
-- identifiers, or it creates a contact that no other contact conflicts with. One statement reads, inserts
-- and updates the whole set. Every other call, and one that a concurrent transaction got in the way of, goes
-- through upsert_contact.
--
-- The first set_size calls share no identifier; the others follow in their order. Callers that sort them alike
-- do not deadlock. A call without an outcome was not made: it may succeed alone.
--
-- The settings, and `offset 0`, keep each lookup an index scan: on a table that was never analysed, the planner
-- would rather read all of it, and keep that plan while the table grows.
create or replace function upsert_contacts(
    for_company_ids bigint[],
    by_client_ids text[],
    sent_emails text[],
    sent_phones text[],
    sent_custom_fields jsonb[],
    sent_consents_email boolean[],
    sent_consents_whatsapp boolean[],
    skip_phone_conflicts boolean[],
    on_email_conflicts text[],
    reset_consents boolean[],
    sent_digests bytea[],
    set_size integer,
    out outcomes text[],
    out contact_ids bigint[],
    out matches text[],
    out email_conflict_ids bigint[],
    out phone_conflict_ids bigint[],
    out second_phone_conflict_ids bigint[],
    out previous_emails text[],
    out suppressed_consents text[]
)
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
    calls constant integer := cardinality(for_company_ids);
    written record;
    filtering_company_ids bigint [];
    deferred_company_ids bigint [] := '{}';
    one record;
begin
    outcomes := array_fill(null::text, array[calls]);
    contact_ids := array_fill(null::bigint, array[calls]);
    matches := outcomes;
    email_conflict_ids := contact_ids;
    phone_conflict_ids := contact_ids;
    second_phone_conflict_ids := contact_ids;
    previous_emails := outcomes;
    suppressed_consents := outcomes;

    begin
        -- As in index_custom_fields: no filter is declared from here on.
        perform pg_advisory_xact_lock_shared(custom_field_gate(company.id))
        from (
            select distinct item.id from unnest(for_company_ids) as item (id) order by item.id
        ) as company;
        select array_agg(definition.company_id)
        into filtering_company_ids
        from (
            select distinct item.id from unnest(for_company_ids) as item (id)
        ) as company
        cross join lateral (
            select any_definition.company_id
            from custom_field_definitions as any_definition
            where any_definition.company_id = company.id
                and any_definition.filter in ('building', 'ready')
            limit 1
        ) as definition;

        for written in
            with sent as materialized (
                select item.*
                from unnest(
                    for_company_ids, by_client_ids, sent_emails, sent_phones, sent_custom_fields,
                    sent_consents_email, sent_consents_whatsapp
                ) with ordinality as item (
                    company_id, client_id, email, phone, custom_fields,
                    consent_email, consent_whatsapp, place
                )
                where item.place <= set_size
            ),
            matched as materialized (
                select
                    sent.company_id, sent.client_id, sent.email, sent.phone, sent.place,
                    target.id, target.row_location, target.version, target.updated_at,
                    target.email as old_email,
                    target.phone as old_phone,
                    target.custom_fields as old_custom_fields,
                    target.consent_email as old_consent_email,
                    target.consent_whatsapp as old_consent_whatsapp,
                    case
                        when sent.custom_fields is null then coalesce(target.custom_fields, '{}')
                        else json_merge_patch(
                            coalesce(target.custom_fields, '{}'), sent.custom_fields
                        )
                    end as new_custom_fields,
                    coalesce(sent.consent_email, target.consent_email) as new_consent_email,
                    coalesce(
                        sent.consent_whatsapp, target.consent_whatsapp
                    ) as new_consent_whatsapp
                from sent
                left join lateral (
                    (
                        select by_email.ctid as row_location, by_email.xmin as version, by_email.*
                        from contacts as by_email
                        where by_email.company_id = sent.company_id
                            and by_email.email = sent.email
                            and by_email.deleted_at is null
                    )
                    union all
                    (
                        select by_phone.ctid, by_phone.xmin, by_phone.*
                        from contacts as by_phone
                        where sent.email is null
                            and by_phone.company_id = sent.company_id
                            and by_phone.phone = sent.phone
                            and by_phone.deleted_at is null
                    )
                    limit 1
                ) as target on true
            ),
            decided as materialized (
                select
                    matched.*,
                    identifier_lock(matched.company_id, matched.email) as email_lock,
                    identifier_lock(matched.company_id, matched.phone) as phone_lock,
                    case
                        -- Below this size no limit can be broken: a member takes 9 bytes or more,
                        -- and no value's text is 32 times as long as its binary form.
                        when pg_column_size(matched.new_custom_fields) > 2000 then null
                        when (
                            matched.new_consent_email and matched.old_consent_email is not true
                            or matched.new_consent_whatsapp
                            and matched.old_consent_whatsapp is not true
                            or matched.id is null
                        ) is true
                        and exists (
                            select from suppressions
                            where suppressions.company_id = matched.company_id
                            offset 0
                        ) then null
                        when matched.id is null then case
                            when not exists (
                                select from contacts as holder
                                where holder.company_id = matched.company_id
                                    and holder.phone = matched.phone
                                    and holder.deleted_at is null
                                offset 0
                            )
                            and not exists (
                                select from contacts as duplicate
                                where duplicate.company_id = matched.company_id
                                    and duplicate.email = matched.email
                                    and duplicate.deleted_at is not null
                                offset 0
                            )
                            and not exists (
                                select from contacts as duplicate
                                where duplicate.company_id = matched.company_id
                                    and duplicate.phone = matched.phone
                                    and duplicate.deleted_at is not null
                                offset 0
                            ) then 'created'
                        end
                        when matched.phone is not null
                            and matched.phone is distinct from matched.old_phone then null
                        when matched.new_custom_fields = matched.old_custom_fields
                            and matched.new_consent_email
                            is not distinct from matched.old_consent_email
                            and matched.new_consent_whatsapp
                            is not distinct from matched.old_consent_whatsapp
                            then 'unchanged'
                        else 'updated'
                    end as outcome
                from matched
            ),
            planned as materialized (
                select
                    decided.company_id, decided.client_id, decided.place, decided.outcome,
                    decided.row_location, decided.version,
                    case
                        when decided.outcome = 'created' then nextval('contacts_id_seq')
                        else decided.id
                    end as id,
                    -- As share_identifiers, without the cost of a function for each.
                    case
                        when decided.outcome = 'created' then pg_advisory_xact_lock_shared(
                            least(decided.email_lock, decided.phone_lock)
                        )
                    end as first_lock,
                    case
                        when decided.outcome = 'created'
                            and decided.email_lock <> decided.phone_lock
                            then pg_advisory_xact_lock_shared(
                                greatest(decided.email_lock, decided.phone_lock)
                            )
                    end as second_lock,
                    case when decided.id is null then decided.email else decided.old_email end as email,
                    case when decided.id is null then decided.phone else decided.old_phone end as phone,
                    decided.old_custom_fields, decided.new_custom_fields,
                    decided.old_consent_email, decided.new_consent_email,
                    decided.old_consent_whatsapp, decided.new_consent_whatsapp,
                    case
                        when decided.email is not null then 'email' else 'phone'
                    end as found_by,
                    greatest(
                        clock_timestamp(), decided.updated_at + interval '1 microsecond'
                    ) as written_at
                from decided
                where decided.outcome is not null
            ),
            updated as (
                update contacts
                set
                    custom_fields = planned.new_custom_fields,
                    consent_email = planned.new_consent_email,
                    consent_whatsapp = planned.new_consent_whatsapp,
                    updated_at = planned.written_at
                from planned
                where planned.outcome = 'updated'
                    and contacts.ctid = planned.row_location
                    and contacts.company_id = planned.company_id
                    and contacts.id = planned.id
                    and contacts.xmin = planned.version
                -- Two calls may mean one contact, by its e-mail address and by its phone: one of them
                -- updates it.
                returning planned.place
            ),
            created as (
                insert into contacts (
                    company_id, id, email, phone, custom_fields, consent_email, consent_whatsapp,
                    created_at, updated_at
                )
                overriding system value
                select
                    planned.company_id, planned.id, planned.email, planned.phone,
                    planned.new_custom_fields, planned.new_consent_email,
                    planned.new_consent_whatsapp, planned.written_at, planned.written_at
                from planned
                where planned.outcome = 'created'
                on conflict do nothing
                returning id
            ),
            -- Looked up in a hash table, as a join would not be.
            done as materialized (
                select
                    planned.*,
                    case planned.outcome
                        when 'updated' then planned.place in (select updated.place from updated)
                        when 'created' then planned.id in (select created.id from created)
                        else true
                    end as is_done
                from planned
            ),
            recorded as (
                insert into consent_events (
                    company_id, contact_id, channel, old_status, new_status, address, client_id,
                    occurred_at
                )
                select
                    done.company_id, done.id, change.channel, change.old_status,
                    change.new_status, change.address, done.client_id, done.written_at
                from done
                cross join lateral (
                    values
                    ('email', done.old_consent_email, done.new_consent_email, done.email),
                    ('whatsapp', done.old_consent_whatsapp, done.new_consent_whatsapp, done.phone)
                ) as change (channel, old_status, new_status, address)
                where done.is_done and change.new_status is distinct from change.old_status
            )
            select
                done.company_id, done.place, done.outcome, done.id, done.found_by,
                done.new_custom_fields,
                done.company_id = any(filtering_company_ids)
                and done.new_custom_fields <> coalesce(done.old_custom_fields, '{}') as is_to_index
            from done
            where done.is_done
        loop
            outcomes[written.place] := written.outcome;
            contact_ids[written.place] := written.id;
            if written.outcome <> 'created' then
                matches[written.place] := written.found_by;
            end if;
            if written.is_to_index then
                perform index_custom_fields(
                    written.company_id, written.id, written.new_custom_fields
                );
            end if;
        end loop;

        -- As in upsert_contact: a contact may have been created and deleted meanwhile, or a person
        -- erased after an opt-out.
        if exists (
            select from unnest(for_company_ids, sent_emails, sent_phones, outcomes) as item (
                company_id, email, phone, outcome
            )
            where item.outcome = 'created'
                and (
                    exists (
                        select from suppressions
                        where suppressions.company_id = item.company_id
                        offset 0
                    )
                    or exists (
                        select from contacts as duplicate
                        where duplicate.company_id = item.company_id
                            and duplicate.email = item.email
                            and duplicate.deleted_at is not null
                        offset 0
                    )
                    or exists (
                        select from contacts as duplicate
                        where duplicate.company_id = item.company_id
                            and duplicate.phone = item.phone
                            and duplicate.deleted_at is not null
                        offset 0
                    )
                )
        ) then
            perform give_way();
        end if;
    exception
        when serialization_failure or deadlock_detected or lock_not_available or unique_violation
            then
                outcomes := array_fill(null::text, array[calls]);
                -- The transaction in the way had its time: no other call waits for it as long.
                perform set_config('lock_timeout', '10', true);
    end;

    for place in 1..calls loop
        -- What follows a call that was not made must not overtake it.
        continue when outcomes[place] is not null
            or (place > set_size and for_company_ids[place] = any(deferred_company_ids));
        begin
            select upserted.*
            into one
            from upsert_contact(
                for_company_ids[place], by_client_ids[place], sent_emails[place],
                sent_phones[place], sent_custom_fields[place], sent_consents_email[place],
                sent_consents_whatsapp[place], skip_phone_conflicts[place],
                on_email_conflicts[place], reset_consents[place],
                array(
                    select substr(sent_digests[place], 1 + 32 * digest.number, 32)
                    from generate_series(
                        0, octet_length(sent_digests[place]) / 32 - 1
                    ) as digest (number)
                )
            ) as upserted;
            outcomes[place] := one.outcome;
            contact_ids[place] := one.contact_id;
            matches[place] := one.matched_by;
            email_conflict_ids[place] := one.email_conflict_id;
            phone_conflict_ids[place] := one.phone_conflict_id;
            second_phone_conflict_ids[place] := one.second_phone_conflict_id;
            previous_emails[place] := one.previous_email;
            suppressed_consents[place] := array_to_string(one.suppressed_consents, ',');
        exception
            when serialization_failure or deadlock_detected or lock_not_available
                or unique_violation
                then
                    deferred_company_ids := deferred_company_ids || for_company_ids[place];
                    perform set_config('lock_timeout', '10', true);
        end;
    end loop;
end;
$$;
comment on function upsert_contacts(
    bigint[], text[], text[], text[], jsonb[], boolean[], boolean[], boolean[], text[],
    boolean[], bytea[], integer
) is
'Upserts many contacts, of one or many companies, as upsert_contact does each; results are in the '
'order of the calls. Null as outcome: not done, because a concurrent transaction is in the way. '
'suppressed_consents: separated by commas.';
