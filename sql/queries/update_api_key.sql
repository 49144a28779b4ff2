-- Writes what may change of an API key. Called by store::api_keys.
update api_keys
set
    scopes = $2,
    rate_limit = $3,
    rate_limit_window_ms = $4,
    revoked_at = $5
where client_id = $1;
