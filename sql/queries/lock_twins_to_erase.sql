-- The soft-deleted contacts that share an identifier with the one to erase, held until they are
-- gone. Called by store::erasure.
select
    id,
    email,
    phone,
    consent_email,
    consent_whatsapp
from contacts
where
    company_id = $1
    and id <> $2
    and deleted_at is not null
    and (email = $3 or phone = $4)
order by id
for update;
