-- Whether there is a contact with this id, live or soft-deleted. Called by store::contact_reads.
select id
from contacts
where
    company_id = $1
    and id = $2;
