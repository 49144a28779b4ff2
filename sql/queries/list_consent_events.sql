-- The consent history of one contact, newest first, from a cursor on. Called by
-- store::contact_reads.
select
    consent_events.id,
    consent_events.channel,
    consent_events.old_status,
    consent_events.new_status,
    consent_events.address,
    consent_events.client_id,
    consent_events.occurred_at
from consent_events
where
    consent_events.company_id = $1
    and consent_events.contact_id = $2
    and consent_events.id < $3
order by consent_events.id desc
limit $4;
