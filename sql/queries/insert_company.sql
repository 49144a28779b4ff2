-- Creates a company. Called by store::companies.
insert into companies (name)
values ($1)
returning
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
    suspended_at;
