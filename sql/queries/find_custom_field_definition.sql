-- One custom-field definition by its key. Called by store::custom_fields::definitions.
select
    id,
    key,
    display_name,
    type,
    options,
    category,
    filter,
    created_at,
    updated_at
from custom_field_definitions
where
    company_id = $1
    and key = $2
    and deleted_at is null;
