-- A page of contacts in the order of their ids. Called by store::contact_reads, which puts
-- conditions in place of the marked line: as constants, so that partial indexes can serve them.
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
    and id > $2
    -- What the list's own indexes ask for.
    and id > 0
    -- further conditions
order by id
limit $3;
