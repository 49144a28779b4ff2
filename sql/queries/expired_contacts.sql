-- Some companies after an id, each with a few contacts that were soft-deleted before a time, the oldest
-- first, or with none. Goes from company to company, because no index begins with the time. Called by
-- store::retention.
with some_companies as materialized (
    select companies.id
    from companies
    where companies.id > $1
    order by companies.id
    limit $2
)

select
    some_companies.id as company_id,
    expired.id as contact_id
from some_companies
left join lateral (
    select contacts.id
    from contacts
    where
        contacts.company_id = some_companies.id
        and contacts.deleted_at < $3
        and contacts.deleted_at is not null
        and contacts.id > 0
    order by contacts.deleted_at
    limit $4
) as expired on true
order by some_companies.id;
