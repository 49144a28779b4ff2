-- The administrator with this e-mail address. Called by store::admins::accounts, store::admins::sign_ins.
select
    id,
    email,
    company_id,
    created_at,
    disabled_at,
    password_hash,
    invitation_expires_at
from admins
where email = $1;
