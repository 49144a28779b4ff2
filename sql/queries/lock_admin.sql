-- Locks one administrator until their session is committed. Called by store::admins::sign_ins.
select
    id,
    email,
    company_id,
    created_at,
    disabled_at,
    password_hash,
    invitation_expires_at
from admins
where id = $1
for update;
