-- Upserts many contacts; the first $12 calls share no identifier. Called by store::batching::upserts.
select
    outcomes,
    contact_ids,
    matches,
    email_conflict_ids,
    phone_conflict_ids,
    second_phone_conflict_ids,
    previous_emails,
    suppressed_consents
from upsert_contacts($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
