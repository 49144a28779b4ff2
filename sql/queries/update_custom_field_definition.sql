-- Updates a custom-field definition. Called by store::custom_fields::definitions.
update custom_field_definitions
set
    display_name = $3,
    type = $4,
    options = $5,
    category = $6,
    filter = $7,
    filter_progress = 0,
    updated_at = clock_timestamp()
where
    company_id = $1
    and id = $2
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
