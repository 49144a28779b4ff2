-- What the service's own role may do: read and write rows, change no table, and only append where
-- history is kept. Run by `rubrica migrate` with the role's name in rubrica.service_role.
do $$
declare
    service_role constant text := current_setting('rubrica.service_role');
    fixed record;
    inserted text;
    updated text;
begin
    if not exists (select from pg_roles where rolname = service_role) then
        raise exception 'the role % of database.service_role does not exist: create it first', service_role;
    end if;

    -- Nobody else connects, and nobody makes temporary tables. Only the owner of the database can say so.
    if (
        select pg_has_role(current_user, datdba, 'usage')
        from pg_database
        where datname = current_database()
    ) then
        execute format(
            'grant connect on database %I to %I, %I', current_database(), current_user, service_role
        );
        execute format('revoke connect, temporary on database %I from public', current_database());
    else
        raise notice 'PUBLIC may still connect to this database: % does not own it', current_user;
    end if;

    execute format('grant usage on schema %I to %I', current_schema(), service_role);

    -- Columns that are set once, and those that the database sets: an administrator stays in their
    -- company, a key keeps its secret, and what is recorded has the time of the database. An earlier
    -- release granted whole tables.
    for fixed in
        select *
        from (
            values
            ('companies', '{id, created_at}'::text [], '{id, created_at}'::text []),
            (
                'api_keys',
                '{}',
                '{client_id, company_id, secret_hash, token_key_fingerprint, created_at}'
            ),
            ('admins', '{id, created_at, disabled_at}', '{id, email, company_id, created_at}'),
            (
                'consent_events',
                '{id}',
                -- Only the address of an erased contact is forgotten.
                '{company_id, contact_id, id, channel, old_status, new_status, client_id, occurred_at}'
            ),
            ('audit_events', '{id, occurred_at}', null)
        ) as tables (name, never_inserted, never_updated)
    loop
        select
            string_agg(quote_ident(attname), ', ')
            filter (where attname <> all (fixed.never_inserted)),
            string_agg(quote_ident(attname), ', ')
            filter (where attname <> all (fixed.never_updated))
        into inserted, updated
        from pg_attribute
        where attrelid = fixed.name::regclass and attnum > 0 and not attisdropped;

        execute format('revoke insert, update on %I from %I', fixed.name, service_role);
        execute format(
            'grant select, insert (%s) on %I to %I', inserted, fixed.name, service_role
        );
        if updated is not null then
            execute format('grant update (%s) on %I to %I', updated, fixed.name, service_role);
        end if;
    end loop;

    -- An invitation that nobody accepted may be withdrawn; a trigger keeps all other administrators.
    execute format('grant delete on admins to %I', service_role);
    execute format('grant select, insert, update on contacts to %I', service_role);
    -- A set of upserts takes its ids before it inserts.
    execute format('grant usage on sequence contacts_id_seq to %I', service_role);
    -- What an erased contact leaves is removed.
    execute format('grant delete on contacts to %I', service_role);
    execute format(
        'grant execute on function delete_expired_audit_events to %I', service_role
    );
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
    execute format('grant select on schema_migrations, schema_functions to %I', service_role);
end;
$$;
