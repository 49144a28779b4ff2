-- One active contact by its phone. Fails on a standby (55000).
-- Called by store::batching::lookups.
select
    id,
    email,
    phone,
    custom_fields::text as custom_fields,
    consent_email,
    consent_whatsapp,
    created_at,
    updated_at,
    deleted_at
from contacts
where
    company_id = $1
    and phone = $2
    and deleted_at is null
    and (select pg_current_wal_lsn()) is not null;
