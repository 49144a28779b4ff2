-- The API keys of one company, the oldest first. At most a thousand: active ones, then the newest others.
-- Called by store::api_keys::keys.
with listed as (
    select *
    from api_keys
    where company_id = $1
    order by
        revoked_at is null and (expires_at is null or expires_at > $2) desc,
        created_at desc
    limit 1000
)

select
    listed.client_id,
    listed.company_id,
    listed.name,
    listed.scopes,
    listed.rate_limit,
    listed.rate_limit_window_ms,
    listed.created_at,
    listed.expires_at,
    listed.revoked_at,
    listed.replaced_by,
    api_key_last_used.last_used_at
from listed
left join api_key_last_used
    on
        api_key_last_used.company_id = listed.company_id
        and api_key_last_used.client_id = listed.client_id
order by listed.created_at, listed.client_id;
