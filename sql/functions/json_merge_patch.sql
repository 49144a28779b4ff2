-- Called by functions/update_contact, functions/upsert_contact and functions/upsert_contacts.
create or replace function json_merge_patch(target jsonb, patch jsonb) returns jsonb
language plpgsql immutable strict parallel safe as $$
declare
    merged jsonb;
    name text;
    old jsonb;
begin
    -- Most of what is sent stands there already.
    if patch = target and patch::text not like '%null%' then
        return target;
    end if;
    merged := target || patch;
    -- That is the whole merge unless the patch removes a key or reaches into an object.
    if not jsonb_path_exists(patch, 'strict $.* ? (@ == null || @.type() == "object")') then
        return merged;
    end if;

    -- Each step copies all of it: of something small, that is less than to start a query.
    if pg_column_size(merged) < 2000 then
        for name in select jsonb_object_keys(patch) loop
            case jsonb_typeof(patch -> name)
                when 'null' then
                    merged := merged - name;
                when 'object' then
                    old := target -> name;
                    if jsonb_typeof(old) is distinct from 'object' then
                        old := '{}';
                    end if;
                    merged := jsonb_set(
                        merged, array[name], json_merge_patch(old, patch -> name)
                    );
                else
                    null;
            end case;
        end loop;
        return merged;
    end if;

    return (
        select coalesce(jsonb_object_agg(member.key, member.value), '{}')
        from (
            select kept.key, kept.value
            from jsonb_each(target) as kept
            where not patch ? kept.key
            union all
            select
                sent.key,
                case
                    when jsonb_typeof(sent.value) <> 'object' then sent.value
                    when jsonb_typeof(target -> sent.key) = 'object'
                        then json_merge_patch(target -> sent.key, sent.value)
                    else json_merge_patch('{}', sent.value)
                end
            from jsonb_each(patch) as sent
            where jsonb_typeof(sent.value) <> 'null'
        ) as member
    );
end;
$$;
comment on function json_merge_patch(jsonb, jsonb) is
'RFC 7396 (JSON Merge Patch) of one object into another.';
