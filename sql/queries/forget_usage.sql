-- Deletes hours before a time, of some keys after a client id. Returns how many, and the last of these
-- keys. Deletes nothing and returns no key while another replica does the same. Goes from key to key,
-- because no index begins with the hour. Called by store::usage.
with turn as materialized (
    select pg_try_advisory_xact_lock($1) as is_ours
),

some_keys as materialized (
    select
        api_keys.company_id,
        api_keys.client_id
    from api_keys
    where
        api_keys.client_id > $2
        and (select turn.is_ours from turn)
    order by api_keys.client_id
    limit $3
),

old_hours as (
    select
        old.company_id,
        old.client_id,
        old.hour
    from some_keys
    cross join lateral (
        select api_key_usage.*
        from api_key_usage
        where
            api_key_usage.company_id = some_keys.company_id
            and api_key_usage.client_id = some_keys.client_id
            and api_key_usage.hour < $4
        order by api_key_usage.hour
        limit $5
    ) as old
),

deleted as (
    delete from api_key_usage
    using old_hours
    where
        api_key_usage.company_id = old_hours.company_id
        and api_key_usage.client_id = old_hours.client_id
        and api_key_usage.hour = old_hours.hour
    returning api_key_usage.hour
)

select
    (select max(some_keys.client_id) from some_keys) as last_client_id,
    (select count(*) from deleted) as deleted;
