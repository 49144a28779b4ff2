-- Called by queries/list_contacts_by_custom_field, functions/advance_filter and functions/index_custom_fields.
--
-- Not declared strict, so that the planner can inline it.
create or replace function custom_field_digest(value jsonb) returns bytea
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
comment on function custom_field_digest(jsonb) is
'A scalar as filters compare it: as text, a number without trailing zeros. Null for an object, an array and null.';
