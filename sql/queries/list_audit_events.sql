-- A page of audit events, the newest first. Called by store::audit.
select
    id,
    occurred_at,
    actor,
    action,
    company_id,
    subject,
    before,
    after,
    client_address,
    request_id
from audit_events
where
    ($1::bigint is null or company_id = $1)
    and ($2::text is null or actor = $2)
    and ($3::text is null or action = $3)
    and ($4::text is null or subject = $4)
    and ($5::timestamptz is null or occurred_at >= $5)
    and ($6::timestamptz is null or occurred_at < $6)
    and ($7::bigint is null or id < $7)
order by id desc
limit $8;
