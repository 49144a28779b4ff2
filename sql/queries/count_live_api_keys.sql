-- Counts the API keys of a company that are active at a time and were not rotated. Called by
-- store::api_keys::keys.
select count(*) as live_keys
from api_keys
where
    company_id = $1
    and revoked_at is null
    and (expires_at is null or expires_at > $2)
    and replaced_by is null;
