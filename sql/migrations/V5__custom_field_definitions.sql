-- Custom-field definitions, and an index for the fields that contacts can be filtered by, on behalf
-- of `store::custom_fields` and of the functions that write contacts.

alter table companies add column strict_custom_fields boolean not null default false;
comment on column companies.strict_custom_fields is
    'Whether contacts may store defined custom fields alone.';

create table custom_field_definitions (
    company_id bigint not null references companies (id),
    id bigint generated always as identity,
    key text collate "C" not null check (length(key) between 1 and 128),
    display_name text not null check (length(display_name) between 1 and 200),
    type text not null
    check (type in ('text', 'number', 'boolean', 'date', 'datetime', 'select', 'json')),
    options text [] not null default '{}',
    category text check (length(category) between 1 and 200),
    filter text not null default 'none' check (filter in ('none', 'building', 'ready', 'dropping')),
    filter_progress bigint not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (company_id, id),
    constraint custom_field_definitions_options_are_of_selects
    check ((cardinality(options) > 0) = (type = 'select'))
);
comment on table custom_field_definitions is
    'What companies say of their custom fields. A deleted row stays until its filterable values are gone.';
comment on column custom_field_definitions.key is
    'In upper case; matched by the keys of contacts in any case.';
comment on column custom_field_definitions.filter is
    'Whether contacts can be filtered by this field (ready), or how far that is. Writers keep filterable_values up to date while it is building or ready.';
comment on column custom_field_definitions.filter_progress is
    'While the filter is building: the last contact whose values are there.';

create unique index custom_field_definitions_key on custom_field_definitions (company_id, key)
where deleted_at is null;
comment on index custom_field_definitions_key is
    'One definition per key and company; serves the list and the look-up by key.';

create index custom_field_definitions_unfinished on custom_field_definitions (company_id, id)
where filter in ('building', 'dropping');
comment on index custom_field_definitions_unfinished is
    'Finds the filters that are still to be built or dropped.';

-- Beside contacts, not on them: a change of a field that is no filter touches no index, and the
-- update of the contact stays HOT.
create table filterable_values (
    company_id bigint not null,
    definition_id bigint not null,
    digest bytea not null check (octet_length(digest) = 16),
    contact_id bigint not null,
    primary key (company_id, definition_id, digest, contact_id)
);
comment on table filterable_values is
    'Which contact, live or deleted, holds which value of a filterable custom field. Its key serves pages of contacts by such a value.';
comment on column filterable_values.digest is
    'custom_field_digest of the value: of one length, however long the value is.';

create index filterable_values_by_contact on filterable_values (company_id, contact_id);
comment on index filterable_values_by_contact is
    'Finds the values of one contact, to bring them up to date.';

-- Not declared strict: so the planner puts its body in its place.
create function custom_field_digest(value jsonb) returns bytea
language sql stable parallel safe as $$
    select substr(
        sha256(
            convert_to(
                case jsonb_typeof(value)
                    when 'number' then trim_scale((value #>> '{}')::numeric)::text
                    when 'string' then value #>> '{}'
                    when 'boolean' then value #>> '{}'
                end,
                'UTF8'
            )
        ),
        1, 16
    );
$$;
comment on function custom_field_digest is
    'A scalar as filters compare it: as text, a number without trailing zeros. Null for an object, an array and null.';

create function custom_field_gate(of_company_id bigint) returns bigint
language sql immutable parallel safe as $$
    select hashtextextended('custom fields of company ' || of_company_id::text, 0);
$$;
comment on function custom_field_gate is
    'The advisory lock between writers of contacts (shared) and changes of definitions (exclusive): once a filter is declared, no write that has not heard of it is under way.';

create function index_custom_fields(
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

    with held as materialized (
        select definition.id as definition_id, custom_field_digest(member.value) as digest
        from custom_field_definitions as definition
        inner join jsonb_each(custom_fields) as member
            on upper(member.key collate "C") = definition.key
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
comment on function index_custom_fields is
    'Brings the filterable values of one contact up to date, after it was written.';

create function advance_filter(
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
                on upper(member.key collate "C") = definition.key
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
    delete from custom_field_definitions as gone
    where gone.company_id = for_company_id
        and gone.id = of_definition_id
        and gone.deleted_at is not null;
    update custom_field_definitions as advanced
    set filter = 'none'
    where advanced.company_id = for_company_id and advanced.id = of_definition_id;
    return 'none';
end;
$$;
comment on function advance_filter is
    'Builds or drops a part of one filter. Returns its new state; null: there is nothing to do, or somebody else does it.';
