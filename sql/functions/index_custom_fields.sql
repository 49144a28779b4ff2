-- Called by functions/update_contact, functions/upsert_contact and functions/upsert_contacts.
create or replace function index_custom_fields(
    for_company_id bigint,
    of_contact_id bigint,
    custom_fields jsonb
) returns void
language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(custom_field_gate(for_company_id));
    if not exists (
        select from custom_field_definitions as definition
        where definition.company_id = for_company_id and definition.filter in ('building', 'ready')
    ) then
        return;
    end if;

    -- Each key is folded once, however the planner joins.
    with member as materialized (
        select custom_field_key(sent.key) as key, sent.value
        from jsonb_each(custom_fields) as sent
    ),
    held as materialized (
        select definition.id as definition_id, custom_field_digest(member.value) as digest
        from custom_field_definitions as definition
        inner join member on member.key = definition.key
        where definition.company_id = for_company_id
            and definition.filter in ('building', 'ready')
            and custom_field_digest(member.value) is not null
    ),
    removed as (
        delete from filterable_values as stored
        where stored.company_id = for_company_id
            and stored.contact_id = of_contact_id
            and not exists (
                select from held
                where held.definition_id = stored.definition_id
                    and held.digest = stored.digest
            )
    )
    insert into filterable_values (company_id, definition_id, digest, contact_id)
    select distinct for_company_id, held.definition_id, held.digest, of_contact_id
    from held
    on conflict do nothing;
end;
$$;
comment on function index_custom_fields(bigint, bigint, jsonb) is
'Brings the filterable values of one contact up to date, after it was written.';
