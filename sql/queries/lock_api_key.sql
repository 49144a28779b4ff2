-- Locks one API key of a company until its change and the audit event are committed. Called by
-- store::api_keys::changes and store::api_keys::rotation.
select
    api_keys.client_id,
    api_keys.company_id,
    api_keys.name,
    api_keys.scopes,
    api_keys.rate_limit,
    api_keys.rate_limit_window_ms,
    api_keys.created_at,
    api_keys.expires_at,
    api_keys.revoked_at,
    api_keys.replaced_by,
    api_key_last_used.last_used_at
from api_keys
left join api_key_last_used
    on
        api_key_last_used.company_id = api_keys.company_id
        and api_key_last_used.client_id = api_keys.client_id
where api_keys.client_id = $1 and api_keys.company_id = $2
for update of api_keys;
