-- Counts the active API keys per token key of the deployment (auth.token_key). Called by
-- store::api_keys::lookup.
select
    token_key_fingerprint,
    count(*) as live_keys
from api_keys
where
    revoked_at is null
    and (expires_at is null or expires_at > now())
group by token_key_fingerprint;
