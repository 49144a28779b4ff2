-- All API keys of one company, the oldest first. Called by store::api_keys.
select
    client_id,
    company_id,
    name,
    scopes,
    rate_limit,
    rate_limit_window_ms,
    created_at,
    expires_at,
    revoked_at,
    replaced_by
from api_keys
where company_id = $1
order by created_at, client_id;
