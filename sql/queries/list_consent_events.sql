-- A page of the consent history of one contact, active or soft-deleted, the newest first. No row: there is
-- no such contact. A row without an event: it has none. Called by store::contacts::reads.
select
    events.id,
    events.channel,
    events.old_status,
    events.new_status,
    events.address,
    events.client_id,
    events.occurred_at
from contacts
left join lateral (
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
    limit $4
) as events on true
where
    contacts.company_id = $1
    and contacts.id = $2
order by events.id desc;
