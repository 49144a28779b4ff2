-- The usage of an API key per hour. One row without an hour if there was none. No row if the company has
-- no such key. Called by store::usage.
select
    api_key_usage.hour,
    api_key_usage.requests,
    api_key_usage.refused,
    api_key_usage.client_errors,
    api_key_usage.server_errors
from api_keys
left join api_key_usage
    on
        api_key_usage.company_id = api_keys.company_id
        and api_key_usage.client_id = api_keys.client_id
        and api_key_usage.hour >= $3
        and api_key_usage.hour < $4
where
    api_keys.company_id = $1
    and api_keys.client_id = $2
order by api_key_usage.hour;
