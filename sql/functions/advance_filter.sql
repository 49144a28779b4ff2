-- Called by queries/advance_filter.
create or replace function advance_filter(
    for_company_id bigint, of_definition_id bigint, chunk_size integer
) returns text
language plpgsql as $$
declare
    definition custom_field_definitions;
    last_id bigint;
    done bigint;
begin
    select candidate.*
    into definition
    from custom_field_definitions as candidate
    where candidate.company_id = for_company_id
        and candidate.id = of_definition_id
        and candidate.filter in ('building', 'dropping')
    for no key update skip locked;
    if not found then
        return null;
    end if;

    if definition.filter = 'building' then
        -- Locked, so that no value is entered that its contact has just lost.
        with chunk as materialized (
            select contacts.id, contacts.custom_fields
            from contacts
            where contacts.company_id = for_company_id and contacts.id > definition.filter_progress
            order by contacts.id
            limit chunk_size
            for no key update
        ),
        entered as (
            insert into filterable_values (company_id, definition_id, digest, contact_id)
            select distinct
                for_company_id, of_definition_id, custom_field_digest(member.value), chunk.id
            from chunk
            inner join jsonb_each(chunk.custom_fields) as member
                on custom_field_key(member.key) = definition.key
            where custom_field_digest(member.value) is not null
            on conflict do nothing
        )
        select max(chunk.id) into last_id from chunk;

        update custom_field_definitions as advanced
        set
            filter = case when last_id is null then 'ready' else 'building' end,
            filter_progress = coalesce(last_id, 0)
        where advanced.company_id = for_company_id and advanced.id = of_definition_id;
        return case when last_id is null then 'ready' else 'building' end;
    end if;

    delete from filterable_values as dropped
    where (
        dropped.company_id, dropped.definition_id, dropped.digest, dropped.contact_id
    ) in (
        select
            stored.company_id, stored.definition_id, stored.digest, stored.contact_id
        from filterable_values as stored
        where stored.company_id = for_company_id and stored.definition_id = of_definition_id
        limit chunk_size
    );
    get diagnostics done = row_count;
    if done > 0 then
        return 'dropping';
    end if;
    delete from custom_field_definitions as dropped
    where dropped.company_id = for_company_id
        and dropped.id = of_definition_id
        and dropped.deleted_at is not null;
    update custom_field_definitions as advanced
    set filter = 'none'
    where advanced.company_id = for_company_id and advanced.id = of_definition_id;
    return 'none';
end;
$$;
comment on function advance_filter(bigint, bigint, integer) is
'Builds or drops a part of one filter. Returns its new state; null: there is nothing to do, or '
'another replica does it.';
