-- Locks one company until a change and its audit event are committed. Called by store::admins::accounts,
-- store::api_keys::keys and store::companies.
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
where id = $1
for update;
