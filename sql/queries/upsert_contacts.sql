-- Upserts many contacts; the first $10 calls share no identifier. Called by store::group_commit.
select
    outcomes,
    contact_ids,
    matches,
    email_conflict_ids,
    phone_conflict_ids,
    suppressed_consents
from upsert_contacts($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
