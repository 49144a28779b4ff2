-- One API key with the data of its company that a request needs. Called by store::api_keys::lookup.
select
    api_keys.company_id,
    api_keys.secret_hash,
    api_keys.scopes,
    api_keys.rate_limit,
    api_keys.rate_limit_window_ms,
    companies.rate_limit as company_rate_limit,
    companies.rate_limit_window_ms as company_rate_limit_window_ms,
    api_keys.expires_at,
    api_keys.revoked_at is not null as is_revoked,
    companies.suspended_at is not null as is_suspended,
    companies.phone_only_contacts,
    companies.phone_conflict,
    companies.email_conflict,
    companies.consent_on_address_change,
    companies.strict_custom_fields,
    (
        select
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'key', definition.key,
                        'type', definition.type,
                        'options', definition.options
                    )
                ),
                '[]'
            )
        from custom_field_definitions as definition
        where
            definition.company_id = api_keys.company_id
            and definition.deleted_at is null
    ) as custom_field_rules
from api_keys
inner join companies on companies.id = api_keys.company_id
where api_keys.client_id = $1;
