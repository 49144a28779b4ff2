-- A page of companies, the oldest first, or one company. Called by store::companies.
select
    id,
    name,
    phone_only_contacts,
    phone_conflict,
    email_conflict,
    consent_on_address_change,
    strict_custom_fields,
    rate_limit,
    rate_limit_window_ms,
    created_at,
    suspended_at
from companies
where ($1::bigint is null or id = $1) and id > $2
order by id
limit $3;
