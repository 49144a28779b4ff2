-- All custom-field definitions of a company, in the order of their keys. Called by
-- store::custom_fields::definitions.
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
    and deleted_at is null
order by key;
