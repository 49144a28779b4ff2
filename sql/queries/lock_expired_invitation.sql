-- Locks the administrator with this e-mail address whose invitation expired unaccepted, until they are
-- deleted. Not a disabled one, who must stay disabled. Called by store::admins::accounts.
select
    id,
    email,
    company_id,
    created_at,
    disabled_at,
    password_hash,
    invitation_expires_at
from admins
where
    email = $1
    and password_hash is null
    and disabled_at is null
    and invitation_expires_at <= $2
    and not exists (
        select from admin_identities
        where admin_identities.admin_id = admins.id
    )
    and not exists (
        select from audit_events
        where audit_events.actor = 'admin:' || admins.id
    )
for update of admins;
