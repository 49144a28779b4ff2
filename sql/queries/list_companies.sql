-- All companies, the oldest first. Called by store::companies.
select
    id,
    name,
    phone_only_contacts,
    phone_conflict,
    strict_custom_fields,
    rate_limit,
    rate_limit_window_ms,
    created_at,
    suspended_at
from companies
order by id;
