-- Updates an API key. Called by store::api_keys::changes.
update api_keys
set
    scopes = $2,
    rate_limit = $3,
    rate_limit_window_ms = $4,
    expires_at = $5,
    revoked_at = $6,
    replaced_by = $7,
    name = $8
where client_id = $1;
