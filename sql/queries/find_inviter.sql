-- The actor who created the latest invitation of an administrator. Called by store::admins::changes.
select actor
from audit_events
where
    subject = $1
    and action = 'admin.invite'
order by id desc
limit 1;
