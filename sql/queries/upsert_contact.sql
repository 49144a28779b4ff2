-- Upserts one contact. Called by store::batching::upserts.
select
    outcome,
    contact_id,
    matched_by,
    email_conflict_id,
    phone_conflict_id,
    second_phone_conflict_id,
    previous_email,
    suppressed_consents
from upsert_contact($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
