-- One contact by its id, active or soft-deleted. Called by store::contacts::reads.
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
    and id = $2;
