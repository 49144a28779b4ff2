-- Adds counted requests to the hours of their keys, unless this flush was added before. Sorts the rows, so
-- that flushes of several replicas do not deadlock. Called by store::usage.
with flush as (
    insert into usage_flushes as known (process_id, sequence, flushed_at)
    values ($1, $2, now())
    on conflict (process_id) do update
        set
            sequence = excluded.sequence,
            flushed_at = excluded.flushed_at
        where known.sequence < excluded.sequence
    returning sequence
),

readings as (
    select *
    from
        unnest(
            $3::bigint[], $4::text[], $5::timestamptz[], $6::bigint[], $7::bigint[],
            $8::bigint[], $9::bigint[], $10::timestamptz[]
        ) as readings (
            company_id, client_id, hour, requests, refused, client_errors, server_errors,
            last_used_at
        )
    where exists (select from flush)
),

last_used as (
    insert into api_key_last_used as known (company_id, client_id, last_used_at)
    select
        company_id,
        client_id,
        max(last_used_at)
    from readings
    group by company_id, client_id
    order by company_id, client_id
    on conflict (company_id, client_id) do update
        set last_used_at = excluded.last_used_at
        where known.last_used_at < excluded.last_used_at
)

insert into api_key_usage as known (
    company_id, client_id, hour, requests, refused, client_errors, server_errors
)
select
    company_id,
    client_id,
    hour,
    requests,
    refused,
    client_errors,
    server_errors
from readings
order by company_id, client_id, hour
on conflict (company_id, client_id, hour) do update
    set
        requests = known.requests + excluded.requests,
        refused = known.refused + excluded.refused,
        client_errors = known.client_errors + excluded.client_errors,
        server_errors = known.server_errors + excluded.server_errors;
