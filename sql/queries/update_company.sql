-- Updates a company. Called by store::companies.
update companies
set
    name = $2,
    phone_only_contacts = $3,
    phone_conflict = $4,
    rate_limit = $5,
    rate_limit_window_ms = $6,
    suspended_at = $7,
    strict_custom_fields = $8,
    email_conflict = $9,
    consent_on_address_change = $10
where id = $1;
