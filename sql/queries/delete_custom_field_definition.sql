-- Marks a custom-field definition as deleted. Its row is deleted after its filterable values. Called by
-- store::custom_fields::definitions.
update custom_field_definitions
set
    deleted_at = clock_timestamp(),
    filter = 'dropping'
where
    company_id = $1
    and key = $2
    and deleted_at is null
returning id;
