-- The contact to erase, live or soft-deleted, held until it is gone; with the channels in which it
-- was suppressed already. Called by store::erasure.
select
    contacts.email,
    contacts.phone,
    contacts.consent_email,
    contacts.consent_whatsapp,
    suppressed.email as email_suppressed,
    suppressed.whatsapp as whatsapp_suppressed
from contacts
cross join suppressed_channels(contacts.company_id, contacts.id, '{}') as suppressed
where
    contacts.company_id = $1
    and contacts.id = $2
for update of contacts;
