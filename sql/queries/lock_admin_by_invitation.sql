-- Locks the administrator of this invitation until the password is set. Called by store::admins::changes.
select
    id,
    email,
    company_id,
    created_at,
    disabled_at,
    password_hash,
    invitation_digest,
    invitation_expires_at
from admins
where invitation_digest = $1 and invitation_expires_at > $2 and disabled_at is null
for update;
