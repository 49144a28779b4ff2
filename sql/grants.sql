-- What the service's own role may do: read and write rows, change no table, and only append where
-- history is kept. Run by `rubrica migrate` with the role's name in rubrica.service_role.
do $$
declare
    service_role constant text := current_setting('rubrica.service_role');
begin
    if not exists (select from pg_roles where rolname = service_role) then
        raise exception 'the role % of database.service_role does not exist: create it first', service_role;
    end if;
    execute format('grant usage on schema %I to %I', current_schema(), service_role);
    execute format(
        'grant select, insert, update on companies, api_keys, contacts, admins to %I', service_role
    );
    -- A set of upserts takes its ids before it inserts.
    execute format('grant usage on sequence contacts_id_seq to %I', service_role);
    -- What an erased contact leaves is removed, and the address of its consent events forgotten.
    execute format('grant delete on contacts to %I', service_role);
    execute format('grant select, insert, update (address) on consent_events to %I', service_role);
    execute format('grant select, insert on audit_events to %I', service_role);
    execute format(
        'grant select, insert, update, delete on custom_field_definitions to %I', service_role
    );
    execute format(
        'grant select, insert, delete on filterable_values, suppressions, suppressed_contacts to %I',
        service_role
    );
    execute format(
        'grant select, insert, update, delete on api_key_usage, usage_flushes, admin_sessions to %I',
        service_role
    );
    execute format(
        'grant select, insert, update on api_key_last_used, admin_refresh_tokens to %I', service_role
    );
    execute format('grant select, insert, delete on admin_identities to %I', service_role);
    execute format('grant select, insert, delete on used_forms to %I', service_role);
    execute format('grant select on schema_migrations to %I', service_role);
end;
$$;
