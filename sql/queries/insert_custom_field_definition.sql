-- Defines a custom field. No row: the key is taken, or the company has the maximum number of definitions.
-- Called by store::custom_fields::definitions.
insert into custom_field_definitions (
    company_id,
    key,
    display_name,
    type,
    options,
    category,
    filter
)
select
    $1,
    $2,
    $3,
    $4,
    $5,
    $6,
    $7
where (
    select count(*)
    from custom_field_definitions
    where
        company_id = $1
        and deleted_at is null
) < $8
on conflict do nothing
returning
    id,
    key,
    display_name,
    type,
    options,
    category,
    filter,
    created_at,
    updated_at;
