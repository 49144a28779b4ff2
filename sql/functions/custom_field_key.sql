-- Called by functions/advance_filter and functions/index_custom_fields. `domain::key_folding` follows the
-- same rule; a test compares the two.
--
-- Not declared strict, so that the planner can inline it.
create or replace function custom_field_key(key text) returns text
language sql immutable parallel safe as $$
    select case
        when octet_length(key) = length(key) then upper(key collate "C")
        else fold_outside_ascii(key)
    end;
$$;
comment on function custom_field_key(text) is
'The key of the definition that a contact''s key belongs to: in upper case and NFC, independent of '
'any language and collation.';
