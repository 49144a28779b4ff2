-- Changes or restores one contact by its id, and returns it afterwards. Called by
-- store::contacts::writes.
select
    outcome,
    conflicting_id,
    suppressed_consents,
    (contact).id,
    (contact).email,
    (contact).phone,
    (contact).custom_fields::text as custom_fields,
    (contact).consent_email,
    (contact).consent_whatsapp,
    (contact).created_at,
    (contact).updated_at,
    (contact).deleted_at
from update_contact($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);
