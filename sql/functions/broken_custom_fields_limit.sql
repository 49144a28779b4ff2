-- Called by functions/update_contact and functions/upsert_contact.
--
-- In PL/pgSQL, which keeps its plans: a function in SQL is planned at each call.
create or replace function broken_custom_fields_limit(custom_fields jsonb) returns text
language plpgsql immutable strict parallel safe as $$
declare
    size constant integer := octet_length(custom_fields::text);
begin
    if size > 65536 then
        return 'custom_fields_too_large';
    end if;
    -- A member takes 8 bytes or more, such as `"a": 1, `: most objects need no counting.
    if size > 250 * 8 and (select count(*) from jsonb_object_keys(custom_fields)) > 250 then
        return 'too_many_custom_fields';
    end if;
    return null;
end;
$$;
comment on function broken_custom_fields_limit(jsonb) is
'Which limit on stored custom fields is broken (64 KiB of text, 250 keys), or null. Depth and key '
'length are checked before they are sent.';
