-- One API key, held until its change is written beside its audit event. Called by store::api_keys
-- and store::key_rotation.
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
where client_id = $1
for update;
