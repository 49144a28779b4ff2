-- Creates an API key. Called by store::api_keys::keys.
insert into api_keys (
    client_id,
    company_id,
    name,
    secret_hash,
    token_key_fingerprint,
    scopes,
    rate_limit,
    rate_limit_window_ms,
    created_at,
    expires_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
